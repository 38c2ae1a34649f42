import Crypto
import CryptoExtras
import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleClient

/// Keys of clients, and what they sign.
@Suite("Client keys")
struct SigningKeyTests {
    @Test("P-256, RSA and Ed25519 keys are read from PEM, and sign what their public halves verify")
    func algorithms() throws {
        let message = Array("signed".utf8)
        let curve = P256.Signing.PrivateKey()
        for pem in [curve.pemRepresentation] {
            let key = try OAuthSigningKey(pem: pem)
            #expect(key.algorithm == .es256)
            let signature = try P256.Signing.ECDSASignature(rawRepresentation: key.signature(of: message))
            #expect(curve.publicKey.isValidSignature(signature, for: message))
        }
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let signer = try OAuthSigningKey(pem: rsa.pkcs8PEMRepresentation)
        #expect(signer.algorithm == .rs256)
        #expect(
            rsa.publicKey.isValidSignature(
                .init(rawRepresentation: try signer.signature(of: message)), for: message, padding: .insecurePKCS1v1_5))
        let edwards = Curve25519.Signing.PrivateKey()
        let other = OAuthSigningKey(edwards)
        #expect(other.algorithm == .edDSA)
        #expect(edwards.publicKey.isValidSignature(try other.signature(of: message), for: message))
    }

    @Test("an Ed25519 key in PKCS #8 is read (RFC 8410 §10.3)")
    func edwards() throws {
        let pem = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----
            """
        #expect(try OAuthSigningKey(pem: pem).algorithm == .edDSA)
    }

    @Test("what is no key is refused, and not quoted", arguments: ["", "hunter2", "-----BEGIN PRIVATE KEY-----"])
    func refused(_ pem: String) throws {
        do {
            _ = try OAuthSigningKey(pem: pem)
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.code == .signInFailed && !error.message.contains("hunter2"))
        }
    }

    @Test("the thumbprint of a key is RFC 7638's: SHA-256 of the required members in their order")
    func thumbprint() {
        let key = OAuthSigningKey.generate()
        let names = key.jwk.names
        #expect(names == ["crv", "kty", "x", "y"])
        let text = JSONValue.object(key.jwk).serialized
        #expect(key.thumbprint == Base64URL.encode(Array(SHA256.hash(data: text))))
    }

    @Test("a proof of possession names method, URL without query, time, token and nonce, and is never the same twice")
    func proof() throws {
        let clock = FakeClock()
        let prover = DPoPProver(key: .generate(), clock: clock, random: .system)
        let url = "https://Server.test:443/mcp?x=1"
        func proof(_ token: String?) throws -> CompactToken {
            let field = try prover.field(method: .post, url: url, token: token, now: clock.now(), random: .system)
            #expect(field.indexingStrategy == .disallow)
            return try CompactToken(field.value)
        }
        let first = try proof("token")
        #expect(first.header["typ"] == "dpop+jwt" && first.header["alg"] == "ES256")
        #expect(first.header["jwk"]?["d"] == nil && first.claims["nonce"] == nil)
        #expect(first.claims["htm"] == "POST" && first.claims["htu"] == "https://server.test/mcp")
        #expect(first.claims["ath"] == .string(Base64URL.encode(Array(SHA256.hash(data: Array("token".utf8))))))
        var fields = HTTPFields()
        fields[.dpopNonce] = "n1"
        #expect(prover.learn(from: fields, at: "https://server.test/other"))
        let second = try proof(nil)
        #expect(second.claims["nonce"] == "n1" && second.claims["ath"] == nil)
        #expect(first.claims["jti"] != second.claims["jti"])
    }

    @Test(
        "a nonce that no proof could hold is passed over",
        arguments: ["", "a b", "\"", String(repeating: "n", count: 513)])
    func badNonce(_ nonce: String) {
        let prover = DPoPProver(key: .generate(), clock: FakeClock(), random: .system)
        var fields = HTTPFields()
        fields[.dpopNonce] = nonce
        #expect(!prover.learn(from: fields, at: "https://server.test/"))
    }

    /// requirement: F-87
    @Test("an assertion names the client, the issuer and its end, by every algorithm")
    func assertion() throws {
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let keys = [
            .generate(), OAuthSigningKey(Curve25519.Signing.PrivateKey(), keyID: "k"),
            try OAuthSigningKey(pem: rsa.pkcs8PEMRepresentation),
        ]
        for key in keys {
            let text = try ClientAuthentication.assertion(
                OAuthClient(id: "robot"), key, audience: "https://auth.test", now: NumericDate(1000), random: .system)
            let token = try CompactToken(text)
            #expect(token.header["alg"] == .string(key.algorithm.rawValue))
            #expect(token.header["kid"] == key.keyID.map(JSONValue.string))
            #expect(token.claims["iss"] == "robot" && token.claims["sub"] == "robot")
            #expect(token.claims["aud"] == "https://auth.test" && token.claims["exp"] == 1120)
        }
    }
}
