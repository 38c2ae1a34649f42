import Testing
import VestibuleProtocol

/// Something that an attacker, or an accident, puts into `Authorization`, and what must become of it.
struct Attack: Sendable, CustomTestStringConvertible {
    enum Verdict: Sendable, Equatable {
        case refused(Reason)
        /// It only looks like an attack: the standards allow it, and here is why.
        case legal(String)
    }

    let name: String
    let verdict: Verdict
    /// The values of the request's `Authorization` fields.
    let fields: @Sendable (Bench) throws -> [String]

    var testDescription: String { name }

    /// A token that is refused.
    init(_ name: String, _ reason: Reason, _ token: @escaping @Sendable (Bench) throws -> String) {
        self.init(name, .refused(reason)) { ["Bearer \(try token($0))"] }
    }

    /// A token that is accepted, though one might think otherwise.
    init(_ name: String, legal why: String, _ token: @escaping @Sendable (Bench) throws -> String) {
        self.init(name, .legal(why)) { ["Bearer \(try token($0))"] }
    }

    init(_ name: String, _ verdict: Verdict, fields: @escaping @Sendable (Bench) throws -> [String]) {
        self.name = name
        self.verdict = verdict
        self.fields = fields
    }

    static let all: [Attack] =
        algorithms + confusions + headers + keyNames + signatures + encodings + documents + dates + audiences + issuers
        + subjects + authorizations
}

func number(_ literal: String) -> JSONValue { JSONNumber(literal: literal).map(JSONValue.number) ?? .null }
