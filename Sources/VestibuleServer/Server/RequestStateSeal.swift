internal import Crypto
internal import VestibuleAuth
internal import VestibuleProtocol

/// Seals what a client carries between the rounds of a request, such that it can neither read nor change it
/// (MCP 2026-07-28, Multi Round-Trip Requests).
///
/// AES-256-GCM with a nonce drawn for each. What is sealed names the principal, the request and its expiry, so a state
/// is of no use to anybody else, for another request, or later. It may be shown more than once until then: whatever must
/// not happen twice is for the handler to see to.
struct RequestStateSeal: Sendable {
    private let key: SymmetricKey
    private static let purpose = Array("vestibule requestState 1".utf8)

    /// - Parameter key: 32 secret bytes; of any other length they are brought to that. `nil` draws a key.
    init(key: [UInt8]?) {
        guard let key else {
            self.key = SymmetricKey(size: .bits256)
            return
        }
        self.key = SymmetricKey(data: key.count == 32 ? key : Array(SHA256.hash(data: key)))
    }

    func seal(_ state: JSONValue) -> String? {
        let sealed = try? AES.GCM.seal(state.serialized, using: key, authenticating: Self.purpose)
        return sealed?.combined.map { Base64URL.encode(Array($0)) }
    }

    /// `nil` for what was not sealed with this key, or changed since.
    func open(_ text: String) -> JSONValue? {
        guard let bytes = Base64URL.decode(text), let box = try? AES.GCM.SealedBox(combined: bytes),
            let opened = try? AES.GCM.open(box, using: key, authenticating: Self.purpose)
        else { return nil }
        return try? JSONValue(parsing: Array(opened))
    }
}

/// What is sealed.
struct RequestState {
    /// The SHA-256 of who asks and what: issuer and subject, method, name or URI, arguments whatever their order.
    var binding: String
    var expiry: NumericDate
    /// How often the client was asked, this time included.
    var round: Int
    /// Under which keys the client was asked this time.
    var asked: [String]
    var answers: [String: JSONValue]
    var state: JSONValue?

    var json: JSONValue {
        var object: JSONObject = [
            "b": .string(binding), "x": .integer(Int(expiry.seconds)), "n": .integer(round), "q": .strings(asked),
            "a": .object(JSONObject(answers.map { ($0.key, $0.value) })),
        ]
        object["s"] = state
        return .object(object)
    }

    init(
        binding: String, expiry: NumericDate, round: Int, asked: [String], answers: [String: JSONValue],
        state: JSONValue?
    ) {
        self.binding = binding
        self.expiry = expiry
        self.round = round
        self.asked = asked
        self.answers = answers
        self.state = state
    }

    init?(json: JSONValue) {
        guard let binding = json["b"]?.string, let expiry = json["x"]?.integer, let round = json["n"]?.integer,
            let asked = json["q"]?.array, let answers = json["a"]?.object
        else { return nil }
        self.init(
            binding: binding, expiry: NumericDate(Double(expiry)), round: round, asked: asked.compactMap(\.string),
            answers: answers.byName, state: json["s"])
    }
}

extension JSONObject {
    var byName: [String: JSONValue] {
        Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }
}

extension ServerCall {
    /// What a state is bound to.
    func binding(arguments: JSONObject?) -> String {
        var hash = SHA256()
        func add(_ text: String?) {
            // Lengths keep the parts apart.
            let bytes = text.map { Array($0.utf8) }
            hash.update(data: Array("\(bytes?.count ?? -1):".utf8) + (bytes ?? []))
        }
        add(context.principal?.issuer)
        add(context.principal?.subject)
        add(envelope.method)
        add(envelope.name)
        add(envelope.uri)
        hash.update(data: JSONValue.object(arguments ?? [:]).inOrder.serialized)
        return Base64URL.encode(Array(hash.finalize()))
    }
}

extension JSONValue {
    /// With the members of all objects by their names.
    fileprivate var inOrder: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.inOrder))
        case .object(let object):
            .object(
                JSONObject(
                    members: object.members.map { .init($0.name, $0.value.inOrder) }
                        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }))
        default: self
        }
    }
}
