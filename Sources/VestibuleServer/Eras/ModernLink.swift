internal import Synchronization
internal import VestibuleProtocol

/// The link of a modern request. What is asked is answered by the client's next round, so an answer is at hand or the
/// handler has to end.
final class ModernLink: RequestLink {
    private let round: InputRound?
    private let sink: (any MessageSink)?
    private let counts = Mutex<[String: Int]>([:])

    init(round: InputRound?, sink: (any MessageSink)?) {
        self.round = round
        self.sink = sink
    }

    func notify(_ method: String, _ params: JSONObject) async {
        guard let sink else { return }
        await sink.send(RPCMessage.notification(method: method, params: params).json)
    }

    /// The answers, where all of them are there and are what was asked for; what is missing is asked for together.
    func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        var answers: [String: JSONValue] = [:]
        var missing: [String: InputRequest] = [:]
        for (key, question) in questions {
            if let answer = round?.answers[key], question.problem(with: answer) == nil {
                answers[key] = answer
            } else {
                missing[key] = question
            }
        }
        guard missing.isEmpty else { throw InputRequired(missing, state: round?.state) }
        return answers
    }

    func nextKey(for method: String) -> String {
        let number = counts.withLock { counts in
            counts[method, default: 0] += 1
            return counts[method] ?? 1
        }
        return "\(method)#\(number)"
    }
}

extension InputRequest {
    /// Why a client's answer is none to this question, in one line.
    func problem(with answer: JSONValue) -> String? {
        let response: InputResponse
        do {
            response = try InputResponse(json: answer, answering: self)
        } catch {
            return error.description
        }
        guard case .elicitation(let params) = self, case .form(let schema) = params.mode,
            case .elicitation(let result) = response, result.action == .accept,
            let schema = try? JSONSchema(compiling: schema.json)
        else { return nil }
        return schema.problem(with: .object(result.content ?? [:]), calling: .value)
    }
}
