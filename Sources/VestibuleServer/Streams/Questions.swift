internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol

/// The questions of one legacy session that wait for their answers: requests of the server, which the client answers by
/// a POST of its own.
///
/// A question is its asker's: an answer of another subject is none, whatever session it comes on.
final class Questions: Sendable {
    enum Receipt: Sendable {
        case taken
        /// It was asked, but nobody waits any more: cancelled, out of time, or answered already.
        case late
        /// No such question was ever asked here, or not of whoever answers.
        case foreign
    }

    private enum Question {
        case asked(Principal.Identity?)
        case awaited(Principal.Identity?, CheckedContinuation<JSONValue, any Error>)
        /// Answered before anybody waited.
        case answered(Result<JSONValue, any Error>)
    }

    private struct State {
        var questions: [Int: Question] = [:]
        var last = 0
        var isEnded = false
    }

    private let maximum: Int
    private let timeout: Duration
    private let clock: any WallClock
    private let state = Mutex(State())

    init(maximum: Int, timeout: Duration, clock: any WallClock) {
        self.maximum = maximum
        self.timeout = timeout
        self.clock = clock
    }

    var count: Int { state.withLock { $0.questions.count } }

    /// Asks, and waits for the answer.
    ///
    /// - Parameters:
    ///   - asker: who alone may answer.
    ///   - tell: sends the question; false where it could not be sent.
    ///   - giveUp: tells the client that the question is void.
    func ask(
        _ method: String, _ params: JSONObject?, of asker: Principal.Identity?,
        tell: (RPCMessage) async -> Bool, giveUp: (RPCMessage) -> Void
    ) async throws -> JSONValue {
        let number = try begin(asker)
        defer { forget(number) }
        guard await tell(.request(id: Self.id(number), method: method, params: params)) else {
            try Task.checkCancellation()
            throw CannotAsk("the client cannot be asked: its request takes no stream, or is answered already")
        }
        do {
            return try await wait(for: number, method)
        } catch let error as Unanswered {
            giveUp(Self.cancellation(of: number, error.description))
            throw CannotAsk(error.description)
        } catch let error as CancellationError {
            giveUp(Self.cancellation(of: number, "the call that asked was cancelled"))
            throw error
        }
    }

    /// Whether that question was asked of whoever has the session, on behalf of a call that showed no token.
    func isForAnybody(_ id: RequestID) -> Bool {
        guard let number = Self.number(id) else { return false }
        return state.withLock { state in
            switch state.questions[number] {
            case .asked(let asker), .awaited(let asker, _): asker == nil
            case .answered, nil: false
            }
        }
    }

    /// Takes a response that the client sent.
    func receive(_ id: RequestID, _ response: Result<JSONValue, any Error>, from sender: Principal.Identity?) -> Receipt
    {
        guard let number = Self.number(id) else { return .foreign }
        let (receipt, waiter) = state.withLock { state -> (Receipt, CheckedContinuation<JSONValue, any Error>?) in
            guard number >= 1, number <= state.last else { return (.foreign, nil) }
            switch state.questions[number] {
            case .asked(let asker):
                guard asker == nil || asker == sender else { return (.foreign, nil) }
                state.questions[number] = .answered(response)
                return (.taken, nil)
            case .awaited(let asker, let waiter):
                guard asker == nil || asker == sender else { return (.foreign, nil) }
                state.questions[number] = nil
                return (.taken, waiter)
            case .answered, nil:
                return (.late, nil)
            }
        }
        waiter?.resume(with: response)
        return receipt
    }

    /// Nobody will answer any more.
    func end() {
        let waiters = state.withLock { state in
            state.isEnded = true
            let waiters = state.questions.values.compactMap { question in
                if case .awaited(_, let waiter) = question { waiter } else { nil }
            }
            state.questions = [:]
            return waiters
        }
        for waiter in waiters { waiter.resume(throwing: Unanswered("the session ended before the client answered")) }
    }

    // MARK: - One question

    private struct Unanswered: Error {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private func begin(_ asker: Principal.Identity?) throws -> Int {
        let number: Int? = state.withLock { state in
            guard !state.isEnded, state.questions.count < maximum else { return nil }
            state.last += 1
            state.questions[state.last] = .asked(asker)
            return state.last
        }
        guard let number else {
            throw CannotAsk(
                "the client cannot be asked: \(maximum) questions of its session wait for an answer already")
        }
        return number
    }

    private func forget(_ number: Int) {
        state.withLock { $0.questions[number] = nil }
    }

    private func wait(for number: Int, _ method: String) async throws -> JSONValue {
        let timer = Task { [clock, timeout] in
            guard (try? await clock.sleep(for: timeout)) != nil else { return }
            fail(number, Unanswered("the client did not answer \(method) within \(timeout.inSeconds) s"))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: Result<JSONValue, any Error>? = state.withLock { state in
                    switch state.questions[number] {
                    case .asked(let asker):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        state.questions[number] = .awaited(asker, continuation)
                        return nil
                    case .answered(let response): return response
                    case .awaited, nil: return .failure(Unanswered("the session ended before the client answered"))
                    }
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            fail(number, CancellationError())
        }
    }

    private func fail(_ number: Int, _ error: any Error) {
        let waiter: CheckedContinuation<JSONValue, any Error>? = state.withLock { state in
            guard case .awaited(_, let waiter) = state.questions[number] else { return nil }
            state.questions[number] = nil
            return waiter
        }
        waiter?.resume(throwing: error)
    }

    // MARK: - Ids

    private static let prefix = "question-"

    private static func id(_ number: Int) -> RequestID { .string("\(prefix)\(number)") }

    private static func number(_ id: RequestID) -> Int? {
        guard case .string(let text) = id, text.utf8.starts(with: prefix.utf8) else { return nil }
        let digits = text.utf8.dropFirst(prefix.utf8.count)
        guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(String(Substring(digits)))
    }

    private static func cancellation(of number: Int, _ reason: String) -> RPCMessage {
        .notification(
            method: MCPMethod.cancelled, params: ["requestId": id(number).json, "reason": .string(reason)])
    }
}
