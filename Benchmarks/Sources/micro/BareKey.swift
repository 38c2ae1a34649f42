import Crypto
import Foundation
import JWTKit
import VestibuleProtocol

/// A key pair of swift-crypto as it is.
protocol BareKey: Sendable {
    var publicJWK: String { get }
    func add(to collection: JWTKeyCollection) async throws
    func accepts(_ signature: [UInt8], for input: [UInt8]) -> Bool
    func sign(_ input: [UInt8]) -> [UInt8]
}

extension P256.Signing.PrivateKey: BareKey {
    var publicJWK: String { ecJWK("P-256", "ES256", publicKey.rawRepresentation) }

    func add(to collection: JWTKeyCollection) async throws {
        await collection.add(ecdsa: try ECDSA.PrivateKey<P256>(pem: pemRepresentation), kid: "k")
    }

    func accepts(_ signature: [UInt8], for input: [UInt8]) -> Bool {
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
        return publicKey.isValidSignature(signature, for: SHA256.hash(data: input))
    }

    func sign(_ input: [UInt8]) -> [UInt8] {
        (try? signature(for: SHA256.hash(data: input))).map { Array($0.rawRepresentation) } ?? []
    }
}

extension P384.Signing.PrivateKey: BareKey {
    var publicJWK: String { ecJWK("P-384", "ES384", publicKey.rawRepresentation) }

    func add(to collection: JWTKeyCollection) async throws {
        await collection.add(ecdsa: try ECDSA.PrivateKey<P384>(pem: pemRepresentation), kid: "k")
    }

    func accepts(_ signature: [UInt8], for input: [UInt8]) -> Bool {
        guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
        return publicKey.isValidSignature(signature, for: SHA384.hash(data: input))
    }

    func sign(_ input: [UInt8]) -> [UInt8] {
        (try? signature(for: SHA384.hash(data: input))).map { Array($0.rawRepresentation) } ?? []
    }
}

extension P521.Signing.PrivateKey: BareKey {
    var publicJWK: String { ecJWK("P-521", "ES512", publicKey.rawRepresentation) }

    func add(to collection: JWTKeyCollection) async throws {
        await collection.add(ecdsa: try ECDSA.PrivateKey<P521>(pem: pemRepresentation), kid: "k")
    }

    func accepts(_ signature: [UInt8], for input: [UInt8]) -> Bool {
        guard let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
        return publicKey.isValidSignature(signature, for: SHA512.hash(data: input))
    }

    func sign(_ input: [UInt8]) -> [UInt8] {
        (try? signature(for: SHA512.hash(data: input))).map { Array($0.rawRepresentation) } ?? []
    }
}

extension Curve25519.Signing.PrivateKey: BareKey {
    var publicJWK: String {
        #"{"kty":"OKP","crv":"Ed25519","kid":"k","alg":"EdDSA","x":"\#(Base64URL.encode(publicKey.rawRepresentation))"}"#
    }

    func add(to collection: JWTKeyCollection) async throws {
        let key = try EdDSA.PrivateKey(d: Data(rawRepresentation).base64EncodedString(), curve: .ed25519)
        await collection.add(eddsa: key, kid: "k")
    }

    func accepts(_ signature: [UInt8], for input: [UInt8]) -> Bool {
        publicKey.isValidSignature(signature, for: input)
    }

    func sign(_ input: [UInt8]) -> [UInt8] {
        (try? signature(for: input)).map { Array($0) } ?? []
    }
}

private func ecJWK(_ curve: String, _ algorithm: String, _ point: Data) -> String {
    let (x, y) = (point.prefix(point.count / 2), point.suffix(point.count / 2))
    return """
        {"kty":"EC","crv":"\(curve)","kid":"k","alg":"\(algorithm)","x":"\(Base64URL.encode(x))",\
        "y":"\(Base64URL.encode(y))"}
        """
}
