import Crypto
import CryptoExtras
import Foundation
import VestibuleProtocol

@testable import VestibuleAuth

/// Who signs, and how.
enum Signer: Sendable {
    case es256, es384, es512, edDSA, rs256, ps256, hs256, hs512
    /// The key that was retired.
    case retired
    /// The trusted issuer that is another one.
    case otherIssuer
    /// The attacker's own key.
    case stranger
    /// HMAC-SHA256 with any bytes as secret.
    case secret([UInt8])
    /// These bytes, whatever is signed.
    case bytes([UInt8])
    /// What comes out for the input.
    case custom(@Sendable (Bench, [UInt8]) throws -> [UInt8])

    static let none = Signer.bytes([])

    /// The name of the algorithm and of the key in the header of an honest token.
    var header: (algorithm: String, kid: String) {
        switch self {
        case .es256, .stranger, .otherIssuer, .bytes, .custom: ("ES256", "es256")
        case .es384: ("ES384", "es384")
        case .es512: ("ES512", "es512")
        case .edDSA: ("EdDSA", "eddsa")
        case .rs256: ("RS256", "rs256")
        case .ps256: ("PS256", "ps256")
        case .hs256, .secret: ("HS256", "hs256")
        case .hs512: ("HS512", "hs512")
        case .retired: ("ES256", "old")
        }
    }

    func signature(_ input: [UInt8], _ bench: Bench) throws -> [UInt8] {
        switch self {
        case .es256: Array(try bench.p256.signature(for: input).rawRepresentation)
        case .es384: Array(try bench.p384.signature(for: input).rawRepresentation)
        case .es512: Array(try bench.p521.signature(for: input).rawRepresentation)
        case .edDSA: Array(try bench.ed25519.signature(for: input))
        case .rs256:
            Array(try bench.rsa.signature(for: SHA256.hash(data: input), padding: .insecurePKCS1v1_5).rawRepresentation)
        case .ps256: Array(try bench.rsa.signature(for: SHA256.hash(data: input), padding: .PSS).rawRepresentation)
        case .hs256: Array(HMAC<SHA256>.authenticationCode(for: input, using: bench.secret))
        case .hs512: Array(HMAC<SHA512>.authenticationCode(for: input, using: bench.longSecret))
        case .retired: Array(try bench.retired.signature(for: input).rawRepresentation)
        case .otherIssuer: Array(try bench.otherKey.signature(for: input).rawRepresentation)
        case .stranger: Array(try bench.stranger.signature(for: input).rawRepresentation)
        case .secret(let bytes): Array(HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: bytes)))
        case .bytes(let bytes): bytes
        case .custom(let sign): try sign(bench, input)
        }
    }
}

extension Bench {
    typealias Changes = KeyValuePairs<String, JSONValue?>

    static let claims: JSONObject = [
        "iss": .string(issuer), "sub": "ada", "aud": .string(audience), "iat": 1_800_000_000, "exp": 1_800_000_300,
        "jti": "t-1",
    ]

    /// A token with these members of header and claims replaced; `nil` takes one out.
    func token(_ changes: Changes = [:], header: Changes = [:], by signer: Signer = .es256) throws -> String {
        try raw(header: Self.text(Self.header(signer), header), claims: Self.text(Self.claims, changes), by: signer)
    }

    /// A token of any two texts.
    func raw(header: String, claims: String, by signer: Signer = .es256) throws -> String {
        try raw(header: Array(header.utf8), claims: Array(claims.utf8), by: signer)
    }

    func raw(header: [UInt8], claims: [UInt8], by signer: Signer = .es256) throws -> String {
        try sign([header, claims].map { Base64URL.encode($0) }.joined(separator: "."), by: signer)
    }

    /// Any text, signed.
    func sign(_ input: String, by signer: Signer = .es256) throws -> String {
        "\(input).\(Base64URL.encode(try signer.signature(Array(input.utf8), self)))"
    }

    /// A good token whose parts are changed after it was signed.
    func altered(_ change: (inout [String]) -> Void) throws -> String {
        var parts = try token().split(separator: ".").map(String.init)
        change(&parts)
        return parts.joined(separator: ".")
    }

    /// The text of the claims, for a test that writes a part of them by hand.
    func claims(_ changes: Changes = [:], and text: String = "") -> String {
        var json = Self.text(Self.claims, changes)
        if !text.isEmpty { json.insert(contentsOf: ",\(text)", at: json.index(before: json.endIndex)) }
        return json
    }

    static let goodHeader = #"{"alg":"ES256","kid":"es256","typ":"at+jwt"}"#

    private static func header(_ signer: Signer) -> JSONObject {
        ["alg": .string(signer.header.algorithm), "kid": .string(signer.header.kid), "typ": "at+jwt"]
    }

    private static func text(_ object: JSONObject, _ changes: Changes) -> String {
        var object = object
        for (name, value) in changes { object[name] = value }
        return "\(JSONValue.object(object))"
    }
}
