import Synchronization
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Questions to the client of a session")
struct QuestionsTests {
    /// What a client was sent.
    private final class Sent: Sendable {
        private let all = Mutex<[RPCMessage]>([])
        let first = Latch()

        func add(_ message: RPCMessage) -> Bool {
            all.withLock { $0.append(message) }
            first.open()
            return true
        }

        var list: [RPCMessage] { all.withLock { $0 } }

        var id: RequestID? {
            list.lazy.compactMap { if case .request(let id, _, _) = $0 { id } else { nil } }.first
        }
    }

    private let clock = FakeClock()
    private let ada = Principal.Identity(issuer: "i", subject: "ada")
    private let bob = Principal.Identity(issuer: "i", subject: "bob")

    private func questions(maximum: Int = 64, timeout: Duration = .seconds(600)) -> Questions {
        Questions(maximum: maximum, timeout: timeout, clock: clock)
    }

    private func ask(_ questions: Questions, of asker: Principal.Identity? = nil, _ sent: Sent) -> Task<
        JSONValue, any Error
    > {
        Task {
            try await questions.ask("roots/list", nil, of: asker, tell: { sent.add($0) }, giveUp: { _ = sent.add($0) })
        }
    }

    /// requirement: B-59
    @Test("an answer counts from whoever was asked, and from nobody else")
    func asker() async throws {
        let (questions, sent) = (questions(), Sent())
        let answer = ask(questions, of: ada, sent)
        try await sent.first.wait()
        let id = try #require(sent.id)
        #expect(questions.receive(id, .success("forged"), from: bob) == .foreign)
        #expect(questions.receive(id, .success("forged"), from: nil) == .foreign)
        #expect(questions.receive(id, .success("true"), from: ada) == .taken)
        #expect(try await answer.value == "true")
        #expect(questions.receive(id, .success("again"), from: ada) == .late)
        #expect(questions.count == 0)
    }

    @Test(
        "ids that were never given out are foreign",
        arguments: [
            RequestID.integer(1), .string("question-0"), .string("question-2"), .string("question--1"),
            .string("question-"),
            .string("question-99999999999999999999"), .string(""),
        ])
    func foreign(_ id: RequestID) async throws {
        let (questions, sent) = (questions(), Sent())
        let answer = ask(questions, sent)
        try await sent.first.wait()
        #expect(questions.receive(id, .success(1), from: nil) == .foreign)
        questions.end()
        await #expect(throws: CannotAsk.self) { try await answer.value }
    }

    /// requirement: D-04, D-05
    @Test("a question that is not answered in time is cancelled, and a late answer is passed over")
    func timeout() async throws {
        let (questions, sent) = (questions(timeout: .seconds(20)), Sent())
        let answer = ask(questions, sent)
        await clock.untilSomebodySleeps(for: .seconds(20))
        let id = try #require(sent.id)
        clock.advance(by: .seconds(20))
        let error = await #expect(throws: CannotAsk.self) { try await answer.value }
        #expect(error?.description.contains("did not answer roots/list within 20") == true)
        guard case .notification("notifications/cancelled", let params) = sent.list.last else {
            throw Unexpected("no cancellation: \(sent.list)")
        }
        #expect(params?["requestId"] == id.json)
        #expect(questions.receive(id, .success(1), from: nil) == .late)
    }

    @Test("the call's cancellation withdraws the question")
    func cancelled() async throws {
        let (questions, sent) = (questions(), Sent())
        let answer = ask(questions, sent)
        await clock.untilSomebodySleeps(for: .seconds(600))
        answer.cancel()
        await #expect(throws: CancellationError.self) { try await answer.value }
        guard case .notification("notifications/cancelled", _) = sent.list.last else {
            throw Unexpected("no cancellation: \(sent.list)")
        }
    }

    @Test("so many questions may wait, and a further one is not asked")
    func bound() async throws {
        let (questions, sent) = (questions(maximum: 1), Sent())
        let answer = ask(questions, sent)
        try await sent.first.wait()
        let other = Sent()
        let error = await #expect(throws: CannotAsk.self) { try await ask(questions, other).value }
        #expect(error?.description.contains("1 questions") == true && other.list.isEmpty)
        #expect(questions.receive(try #require(sent.id), .success(1), from: nil) == .taken)
        _ = try await answer.value
    }
}
