internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// How keys of one curve are written in a JWK, and how long their parts are.
struct SignatureCurve: Sendable {
    let algorithm: SignatureAlgorithm
    /// The JWK's `crv`.
    let name: String
    /// The JWK's `kty`.
    let kind: String
    /// The members of a JWK that make the public key when they are put side by side.
    let coordinates: [String]
    /// The bytes of a coordinate and of `d`, leading zeros included (RFC 7518 §6.2.1.2).
    let size: Int
    /// The bytes of a signature: two numbers side by side, never DER (RFC 7518 §3.4, RFC 8032 §5.1.6).
    var signatureSize: Int { 2 * size }

    fileprivate static func ec(_ name: String, _ algorithm: SignatureAlgorithm, size: Int) -> SignatureCurve {
        SignatureCurve(algorithm: algorithm, name: name, kind: "EC", coordinates: ["x", "y"], size: size)
    }
}

/// The private half of a key pair, as the library has it.
protocol CurvePrivateKey: Sendable {
    associatedtype PublicKey: CurvePublicKey

    static var curve: SignatureCurve { get }
    static func generate() -> Self
    init<Bytes: ContiguousBytes>(rawRepresentation: Bytes) throws
    var rawRepresentation: Data { get }
    var publicKey: PublicKey { get }
    func signatureBytes(for input: [UInt8]) throws -> [UInt8]
}

/// The public half of a key pair.
protocol CurvePublicKey: Sendable {
    init<Bytes: ContiguousBytes>(rawRepresentation: Bytes) throws
    var rawRepresentation: Data { get }
    /// - Parameter signature: As many bytes as the curve's signatures have.
    func accepts(_ signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool
}

// MARK: ECDSA

extension P256.Signing.PrivateKey: ECDSAPrivateKey {
    static let curve = SignatureCurve.ec("P-256", .es256, size: 32)
}

extension P384.Signing.PrivateKey: ECDSAPrivateKey {
    static let curve = SignatureCurve.ec("P-384", .es384, size: 48)
}

extension P521.Signing.PrivateKey: ECDSAPrivateKey {
    static let curve = SignatureCurve.ec("P-521", .es512, size: 66)
}

extension P256.Signing.PublicKey: ECDSAPublicKey {}
extension P384.Signing.PublicKey: ECDSAPublicKey {}
extension P521.Signing.PublicKey: ECDSAPublicKey {}

extension P256.Signing.ECDSASignature: ECDSASignature {}
extension P384.Signing.ECDSASignature: ECDSASignature {}
extension P521.Signing.ECDSASignature: ECDSASignature {}

/// What the library's three curves have in common, each hashing with the function that RFC 7518 §3.4 pairs it with.
protocol ECDSAPrivateKey: CurvePrivateKey {
    associatedtype Signature: ECDSASignature

    init(compactRepresentable: Bool)
    func signature<Bytes: DataProtocol>(for input: Bytes) throws -> Signature
}

protocol ECDSAPublicKey: CurvePublicKey {
    associatedtype Signature: ECDSASignature

    func isValidSignature<Bytes: DataProtocol>(_ signature: Signature, for input: Bytes) -> Bool
}

protocol ECDSASignature {
    init<Bytes: DataProtocol>(rawRepresentation: Bytes) throws
    var rawRepresentation: Data { get }
}

extension ECDSAPrivateKey {
    static func generate() -> Self { Self(compactRepresentable: false) }

    func signatureBytes(for input: [UInt8]) throws -> [UInt8] {
        Array(try signature(for: input).rawRepresentation)
    }
}

extension ECDSAPublicKey {
    func accepts(_ signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        guard let signature = try? Signature(rawRepresentation: signature) else { return false }
        return isValidSignature(signature, for: input)
    }
}

// MARK: EdDSA

extension Curve25519.Signing.PrivateKey: CurvePrivateKey {
    static let curve = SignatureCurve(
        algorithm: .edDSA, name: "Ed25519", kind: "OKP", coordinates: ["x"], size: 32)

    static func generate() -> Self { Self() }

    func signatureBytes(for input: [UInt8]) throws -> [UInt8] { Array(try signature(for: input)) }
}

extension Curve25519.Signing.PublicKey: CurvePublicKey {
    func accepts(_ signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        isValidSignature(signature, for: input)
    }
}
