internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// HS256, HS384 and HS512 (RFC 7518 §3.2).
struct HMACKeyMaterial: KeyMaterial {
    let secret: SymmetricKey
    let kind: HMACAlgorithm
    let fingerprint: String
    /// The function with the secret put in already, which is half of the work for a text as short as a token.
    private let keyed: Keyed
    var algorithm: SignatureAlgorithm { kind.signatureAlgorithm }
    var canSign: Bool { true }

    init(secret: SymmetricKey, kind: HMACAlgorithm = .hs256) {
        self.secret = secret
        self.kind = kind
        self.fingerprint = KeyFingerprint.of(secret: secret)
        self.keyed =
            switch kind {
            case .hs256: .sha256(HMAC(key: secret))
            case .hs384: .sha384(HMAC(key: secret))
            case .hs512: .sha512(HMAC(key: secret))
            }
    }

    init(secret: [UInt8], kind: HMACAlgorithm = .hs256) {
        self.init(secret: SymmetricKey(data: secret), kind: kind)
    }

    /// A secret whose JWK names no `alg` is for HS256.
    init(jwk: JSONObject) throws(KeyError) {
        let name = jwk["alg"] ?? .string(HMACAlgorithm.hs256.rawValue)
        guard let kind = name.string.flatMap(HMACAlgorithm.init) else {
            throw KeyError(.unsupported, "the key's alg is none of those that a secret is for")
        }
        self.init(secret: try jwk.keyBytes("k"), kind: kind)
    }

    /// A random secret as long as the hash.
    static func generate(_ kind: HMACAlgorithm) -> any KeyMaterial {
        HMACKeyMaterial(secret: SymmetricKey(size: .init(bitCount: kind.minimumSecretLength * 8)), kind: kind)
    }

    var bytes: [UInt8] { secret.withUnsafeBytes { Array($0) } }

    var identity: [UInt8] { Array(SHA256.hash(data: bytes)) }

    var jwk: JSONObject {
        ["kty": "oct", "alg": .string(algorithm.rawValue), "k": .string(Base64URL.encode(bytes))]
    }

    /// A secret has no public half.
    var publicJWK: JSONObject? { nil }

    /// Whoever can verify can sign: there is nothing to leave out.
    var verifyingOnly: any KeyMaterial { self }

    func isValid(signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        // Each compares in constant time, and refuses a code that was cut short.
        switch keyed {
        case .sha256(let function): function.code(of: input) == signature
        case .sha384(let function): function.code(of: input) == signature
        case .sha512(let function): function.code(of: input) == signature
        }
    }

    func sign(_ input: [UInt8]) -> [UInt8] {
        switch keyed {
        case .sha256(let function): Array(function.code(of: input[...]))
        case .sha384(let function): Array(function.code(of: input[...]))
        case .sha512(let function): Array(function.code(of: input[...]))
        }
    }
}

private enum Keyed: Sendable {
    case sha256(HMAC<SHA256>)
    case sha384(HMAC<SHA384>)
    case sha512(HMAC<SHA512>)
}

extension HMAC {
    fileprivate func code(of input: ArraySlice<UInt8>) -> MAC {
        var function = self
        function.update(data: input)
        return function.finalize()
    }
}
