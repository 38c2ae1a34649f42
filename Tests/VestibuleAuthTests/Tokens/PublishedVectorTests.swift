import Testing
import VestibuleProtocol

@testable import VestibuleAuth

/// The examples of the standards themselves. Their payloads are not all claims, so the signatures alone are judged.
@Suite("Published example signatures verify")
struct PublishedVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var jwk: JSONObject
        var token: String
    }

    static let vectors = [
        Vector(
            testDescription: "RFC 7515 A.1, HS256",
            jwk: [
                "kty": "oct",
                "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
            ],
            token: """
                eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9\
                leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
                """),
        Vector(
            testDescription: "RFC 7515 A.3, ES256",
            jwk: [
                "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
            ],
            token: """
                eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19\
                yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
                """),
        Vector(
            testDescription: "RFC 8037 A.4, EdDSA",
            jwk: [
                "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            ],
            token: """
                eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6\
                dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg
                """),
    ]

    @Test("the signature verifies, and no longer with one bit changed", arguments: vectors)
    func verifies(_ vector: Vector) throws {
        let material = try keyMaterial(jwk: vector.jwk)
        let parts = vector.token.split(separator: ".")
        let input = Array(parts[..<2].joined(separator: ".").utf8)
        let signature = try #require(Base64URL.decode(String(parts[2])))
        #expect(material.isValid(signature: signature, for: input[...]))
        #expect(!material.isValid(signature: signature, for: (input + [0])[...]))
        #expect(!material.isValid(signature: [signature[0] ^ 1] + signature.dropFirst(), for: input[...]))
        // Both are deterministic, so that signing must give the published bytes again.
        if material.algorithm != .es256 { #expect(try material.sign(input) == signature) }
    }

    @Test("the thumbprint is that of RFC 8037 A.3")
    func thumbprint() throws {
        let material = try keyMaterial(jwk: Self.vectors[2].jwk)
        #expect(Base64URL.encode(material.identity) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        #expect(material.fingerprint == "90facafe")
    }

    @Test("the published HS256 key is refused as a secret, since everybody knows it")
    func publishedKey() throws {
        let secret = try #require(Base64URL.decode(Self.vectors[0].jwk["k"]?.string ?? ""))
        let error = #expect(throws: KeyError.self) {
            try RingKey(hmacSecret: secret, kid: "k", state: .active, createdAt: Fixture.now)
        }
        #expect(error?.code == .sampleSecret)
    }
}
