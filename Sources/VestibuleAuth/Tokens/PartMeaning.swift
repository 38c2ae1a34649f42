internal import VestibuleProtocol

/// What the parts of a token are for, in a few words each.
enum PartMeaning {
    static let claims: [String: String] = [
        "sub": "whom it names", "aud": "for which resource it is meant", "jti": "its own name, by which it is revoked",
        "scope": "what the client may do", "permissions": "what the subject may do", "roles": "what the subject is",
        "buckets": "which buckets the subject may see",
    ]

    static func algorithm(_ value: JSONValue) -> String? {
        guard let name = value.string,
            let algorithm = SignatureAlgorithm.allCases.first(where: {
                $0.rawValue.hasSameBytes(as: name)
            })
        else { return nil }
        let hash = "SHA-\(algorithm.rawValue.suffix(3))"
        return switch algorithm {
        case .hs256, .hs384, .hs512: "HMAC with \(hash) and a shared secret"
        case .es256: "ECDSA on the curve P-256"
        case .es384: "ECDSA on the curve P-384"
        case .es512: "ECDSA on the curve P-521"
        case .edDSA: "EdDSA on the curve Ed25519"
        case .rs256, .rs384, .rs512: "RSA with PKCS #1 v1.5 padding and \(hash)"
        case .ps256, .ps384, .ps512: "RSA with PSS padding and \(hash)"
        }
    }

    static func type(_ value: JSONValue) -> String? {
        guard let bytes = value.string?.utf8.lowercasedASCII else { return nil }
        return switch String(decoding: bytes, as: UTF8.self) {
        case "at+jwt", "application/at+jwt": "an access token (RFC 9068)"
        case "jwt", "application/jwt": "a JSON Web Token of any kind"
        default: nil
        }
    }
}
