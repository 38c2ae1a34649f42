import Synchronization
import VestibuleProtocol

@testable import VestibuleAuth

/// An issuer's introspection endpoint that answers as a test says, and counts the questions.
final class AskedIssuer: Sendable {
    private struct State {
        var answer: @Sendable (String) throws -> IntrospectionReply = { _ in throw IssuerFailure("nothing is scripted")
        }
        var questions: [String] = []
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var awaited: (count: Int, continuation: CheckedContinuation<Void, Never>)?
        var news: [TokenIntrospection.News] = []
    }

    private let state = Mutex(State())

    var questions: [String] { state.withLock { $0.questions } }
    var news: [TokenIntrospection.News] { state.withLock { $0.news } }

    func answer(_ answer: @escaping @Sendable (String) throws -> IntrospectionReply) {
        state.withLock { $0.answer = answer }
    }

    func answer(_ claims: JSONObject) { answer { _ in Self.reply(claims) } }

    static func reply(_ claims: JSONObject, status: Int = 200) -> IntrospectionReply {
        IntrospectionReply(status: status, body: JSONValue.object(claims).serialized)
    }

    /// Answers are held back from now on.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Returns once so many questions wait for their answer.
    func waitForHeld(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.held.count >= count { return true }
                state.awaited = (count, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func introspection(
        _ scope: TokenIntrospection.Scope = .opaque, cache: Duration = .seconds(30),
        acceptsMissingAudience: Bool = false, clock: any WallClock
    ) -> TokenIntrospection {
        TokenIntrospection(
            place: "https://issuer.test/introspect", scope: scope, cache: cache,
            acceptsMissingAudience: acceptsMissingAudience, clock: clock,
            observer: { [self] news in state.withLock { $0.news.append(news) } }, ask: { [self] in try await ask($0) })
    }

    private func ask(_ token: String) async throws -> IntrospectionReply {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.questions.append(token)
                guard state.isHeld else { return [continuation] }
                state.held.append(continuation)
                guard let awaited = state.awaited, state.held.count >= awaited.count else { return [] }
                state.awaited = nil
                return [awaited.continuation]
            }
            for continuation in ready { continuation.resume() }
        }
        return try state.withLock { $0.answer }(token)
    }
}
