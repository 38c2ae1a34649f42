import Crypto
import CryptoExtras
import VestibuleProtocol

@testable import VestibuleAuth

/// A key of any algorithm, with the means to sign for it, even where keys here only verify.
struct AlgorithmSample: Sendable {
    let key: RingKey
    let sign: @Sendable ([UInt8]) throws -> [UInt8]

    init(_ algorithm: SignatureAlgorithm, kid: String = "k") throws {
        if let signing = SigningAlgorithm(algorithm) {
            let key = Fixture.key(signing, kid, .next)
            self.key = key
            self.sign = { try key.material.sign($0) }
            return
        }
        let privateKey = try RSASamples.first.get()
        let material = try keyMaterial(jwk: try RSASamples.jwk(privateKey, kid: kid, algorithm: algorithm))
        self.key = RingKey(kid: kid, material: material, state: .next, createdAt: Fixture.now)
        self.sign = { try Self.sign($0, with: privateKey, as: algorithm) }
    }

    /// The algorithm's hash and padding, named here once more so that the tests do not ask the code under test.
    private static func sign(
        _ input: [UInt8], with key: _RSA.Signing.PrivateKey, as algorithm: SignatureAlgorithm
    ) throws -> [UInt8] {
        let padding: _RSA.Signing.Padding = algorithm.rawValue.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
        let signature =
            switch algorithm.rawValue.suffix(3) {
            case "384": try key.signature(for: SHA384.hash(data: input), padding: padding)
            case "512": try key.signature(for: SHA512.hash(data: input), padding: padding)
            default: try key.signature(for: SHA256.hash(data: input), padding: padding)
            }
        return Array(signature.rawRepresentation)
    }

    /// A good token, or one whose header says another algorithm.
    func token(saying algorithm: SignatureAlgorithm? = nil) throws -> String {
        let name = (algorithm ?? key.algorithm).rawValue
        let header: JSONObject = ["alg": .string(name), "kid": .string(key.kid)]
        let input = [header, Fixture.claims].map { Base64URL.encode(JSONValue.object($0).serialized) }
            .joined(separator: ".")
        return "\(input).\(Base64URL.encode(try sign(Array(input.utf8))))"
    }

    func verifier() throws -> TokenVerifier { try Self.verifier(try KeyRing([key])) }

    static func verifier(_ ring: KeyRing) throws -> TokenVerifier {
        let issuer = TrustedIssuer(
            name: "any", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(ring))
        return TokenVerifier(issuers: [issuer], clock: TestClock(Fixture.now.seconds), cacheSize: 0)
    }
}
