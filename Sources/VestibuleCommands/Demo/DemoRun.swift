internal import VestibuleProtocol
internal import VestibuleServer

/// What one half of the demonstration recorded.
struct DemoRun: Sendable {
    var requests: [DemoRequest]
    /// The fingerprints of the secrets, in the order in which they signed.
    var keys: [String]
    /// What went wrong for the user, in one line; `nil` where nothing did.
    var failure: String?
}

extension DemoRun {
    /// The record, for programs.
    var json: JSONObject {
        var object: JSONObject = ["keys": .strings(keys), "requests": .array(requests.map(\.json))]
        object["failure"] = failure.map(JSONValue.string)
        return object
    }
}

extension [DemoCriterion] {
    var json: JSONValue {
        .array(
            map { criterion in
                [
                    "name": .string(criterion.name.rawValue), "holds": .bool(criterion.holds),
                    "evidence": .string(criterion.evidence),
                ]
            })
    }
}
