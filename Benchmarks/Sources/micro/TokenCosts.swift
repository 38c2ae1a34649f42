import Crypto
import CryptoExtras
import Foundation
import JWTKit
import Measuring
import VestibuleAuth
import VestibuleProtocol

/// What it costs to verify and to sign a token, by algorithm: with Vestibule, with jwt-kit, and the bare primitive of
/// swift-crypto, which takes no token apart and reads no claim.
struct TokenCosts {
    let comparison: Comparison
    private static let clock = SystemClock()
    static let issuer = "https://idp.example.com/realms/main"
    static let audience = "https://mcp.example.com/mcp"

    func run() async throws {
        for algorithm in HMACAlgorithm.allCases { try await hmac(algorithm) }
        try await pair(P256.Signing.PrivateKey(), .es256)
        try await pair(P384.Signing.PrivateKey(), .es384)
        try await pair(P521.Signing.PrivateKey(), .es512)
        try await pair(Curve25519.Signing.PrivateKey(), .edDSA)
        try await rsa(.rs256)
        try await rsa(.ps256)
    }

    // MARK: - One algorithm

    private func hmac(_ algorithm: HMACAlgorithm) async throws {
        let secret = SymmetricKey(size: .init(bitCount: algorithm.minimumSecretLength * 8))
        let bytes = secret.withUnsafeBytes { Array($0) }
        let key = try RingKey(
            hmacSecret: bytes, algorithm: algorithm, kid: "k", state: .active, createdAt: Self.clock.now())
        let jwtKit = JWTKeyCollection()
        let digest: DigestAlgorithm =
            switch algorithm {
            case .hs256: .sha256
            case .hs384: .sha384
            case .hs512: .sha512
            }
        await jwtKit.add(hmac: HMACKey(from: bytes), digestAlgorithm: digest, kid: "k")
        let token = try await jwtKit.sign(Claims(), kid: "k")
        let (input, signature) = try Self.parts(of: token)
        let bare: @Sendable () -> Bool =
            switch algorithm {
            case .hs256: { HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: input, using: secret) }
            case .hs384: { HMAC<SHA384>.isValidAuthenticationCode(signature, authenticating: input, using: secret) }
            case .hs512: { HMAC<SHA512>.isValidAuthenticationCode(signature, authenticating: input, using: secret) }
            }
        let bareSign: @Sendable () -> Void =
            switch algorithm {
            case .hs256: { consume(HMAC<SHA256>.authenticationCode(for: input, using: secret)) }
            case .hs384: { consume(HMAC<SHA384>.authenticationCode(for: input, using: secret)) }
            case .hs512: { consume(HMAC<SHA512>.authenticationCode(for: input, using: secret)) }
            }
        try await verify(algorithm.rawValue, token, by: KeyRing([key]), jwtKit, bare)
        try await sign(algorithm.rawValue, with: KeyRing([key]), jwtKit, bareSign)
    }

    private func pair(_ key: some BareKey, _ algorithm: SigningAlgorithm) async throws {
        let jwtKit = JWTKeyCollection()
        try await key.add(to: jwtKit)
        let token = try await jwtKit.sign(Claims(), kid: "k")
        let (input, signature) = try Self.parts(of: token)
        let ring = try Self.ring(jwk: key.publicJWK)
        try await verify(algorithm.rawValue, token, by: ring, jwtKit) { key.accepts(signature, for: input) }
        var own = KeyRing()
        let signing = RingKey.generate(algorithm, kid: "k", createdAt: Self.clock.now())
        try own.add(signing)
        try own.rotate(to: signing, overlap: .zero, now: Self.clock.now())
        try await sign(algorithm.rawValue, with: own, jwtKit) { consume(key.sign(input)) }
    }

    private func rsa(_ algorithm: SignatureAlgorithm) async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let publicKey = key.publicKey
        let jwtKit = JWTKeyCollection()
        let isPSS = algorithm == .ps256
        if isPSS {
            await jwtKit.add(
                pss: try Insecure.RSA.PrivateKey(pem: key.pemRepresentation), digestAlgorithm: .sha256, kid: "k")
        } else {
            await jwtKit.add(
                rsa: try Insecure.RSA.PrivateKey(pem: key.pemRepresentation), digestAlgorithm: .sha256, kid: "k")
        }
        let token = try await jwtKit.sign(Claims(), kid: "k")
        let (input, signature) = try Self.parts(of: token)
        let numbers = try publicKey.getKeyPrimitives()
        let ring = try Self.ring(
            jwk: """
                {"kty":"RSA","kid":"k","alg":"\(algorithm.rawValue)","n":"\(Base64URL.encode(numbers.modulus))",\
                "e":"\(Base64URL.encode(numbers.publicExponent))"}
                """)
        let parsed = _RSA.Signing.RSASignature(rawRepresentation: Data(signature))
        let padding: _RSA.Signing.Padding = isPSS ? .PSS : .insecurePKCS1v1_5
        try await verify(algorithm.rawValue, token, by: ring, jwtKit) {
            publicKey.isValidSignature(parsed, for: SHA256.hash(data: input), padding: padding)
        }
    }

    // MARK: - The comparisons

    private func verify(
        _ name: String, _ token: String, by ring: KeyRing, _ jwtKit: JWTKeyCollection,
        _ bare: @escaping @Sendable () -> Bool
    ) async throws {
        let issuer = TrustedIssuer(
            name: "bench", issuer: Self.issuer, audiences: [Self.audience], keys: .fixed(ring))
        let anew = TokenVerifier(issuers: [issuer], clock: Self.clock, cacheSize: 0)
        let cached = TokenVerifier(issuers: [issuer], clock: Self.clock)
        guard case .success = anew.verify(token), case .success = cached.verify(token), bare() else {
            fatalError("a \(name) token that is good was refused: \(anew.verify(token))")
        }
        try await comparison.run(
            "verify \(name)",
            [
                Subject("Vestibule") { times in
                    for _ in 0..<times { consume(anew.verify(token)) }
                },
                Subject("Vestibule, cached") { times in
                    for _ in 0..<times { consume(cached.verify(token)) }
                },
                Subject("jwt-kit") { times in
                    for _ in 0..<times { consume(try await jwtKit.verify(token, as: Claims.self)) }
                },
                Subject("swift-crypto alone") { times in
                    for _ in 0..<times { consume(bare()) }
                },
            ])
    }

    private func sign(
        _ name: String, with ring: KeyRing, _ jwtKit: JWTKeyCollection, _ bare: @escaping @Sendable () -> Void
    ) async throws {
        let minter = TokenMinter(ring: ring, clock: Self.clock)
        let claims = TokenClaims(
            issuer: Self.issuer, audience: [Self.audience], subject: "ada", scope: ["mcp"],
            permissions: Claims.permissions, roles: ["reader"], buckets: Claims.buckets)
        try await comparison.run(
            "sign \(name)",
            [
                Subject("Vestibule") { times in
                    for _ in 0..<times { consume(try minter.mint(claims)) }
                },
                Subject("jwt-kit") { times in
                    for _ in 0..<times { consume(try await jwtKit.sign(Claims(), kid: "k")) }
                },
                Subject("swift-crypto alone") { times in
                    for _ in 0..<times { bare() }
                },
            ])
    }

    private static func parts(of token: String) throws -> (input: [UInt8], signature: [UInt8]) {
        let parsed = try CompactToken(token)
        return (Array(parsed.signingInput), parsed.signature)
    }

    private static func ring(jwk: String) throws -> KeyRing {
        try KeyRing(published: JSONValue(parsing: "{\"keys\":[\(jwk)]}"), createdAt: clock.now())
    }
}

/// The claims of an access token of the usual size, checked as a program with jwt-kit checks them.
struct Claims: JWTPayload {
    static let permissions = ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject"]
    static let buckets = ["demo-bucket", "team-photos"]

    var iss: IssuerClaim = .init(value: TokenCosts.issuer)
    var sub: SubjectClaim = "ada"
    var aud: AudienceClaim = .init(value: [TokenCosts.audience])
    var iat = IssuedAtClaim(value: Date())
    var exp = ExpirationClaim(value: Date().addingTimeInterval(86_400))
    var jti = IDClaim(value: UUID().uuidString)
    var scope = "mcp"
    var permissions = Self.permissions
    var roles = ["reader"]
    var buckets = Self.buckets

    func verify(using key: some JWTAlgorithm) throws {
        try exp.verifyNotExpired()
        try aud.verifyIntendedAudience(includes: TokenCosts.audience)
        guard iss.value == TokenCosts.issuer else {
            throw JWTError.claimVerificationFailure(failedClaim: iss, reason: "another issuer")
        }
    }
}
