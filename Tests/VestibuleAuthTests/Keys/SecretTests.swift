import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Secrets are taken as they are, or refused")
struct SecretTests {
    private func key(_ secret: [UInt8], allowShort: Bool = false) throws -> RingKey {
        try RingKey(
            hmacSecret: secret, kid: "k", state: .active, createdAt: Fixture.now, allowShortSecret: allowShort)
    }

    @Test("31 bytes are refused unless short secrets are allowed; 32 are enough")
    func length() throws {
        let error = #expect(throws: KeyError.self) { try key(Fixture.randomSecret(31)) }
        #expect(error?.code == .shortSecret)
        #expect(error?.message.contains("has 31 bytes") == true)
        #expect(throws: Never.self) { try key(Fixture.randomSecret(31), allowShort: true) }
        #expect(throws: Never.self) { try key(Fixture.randomSecret(32)) }
        #expect(throws: KeyError.self) { try key([], allowShort: true) }
    }

    @Test(
        "known samples are refused, allowed short or not, in any case and with white space around",
        arguments: [
            "secret", "changeme", "ChangeMe", "your-256-bit-secret", "a-string-secret-at-least-256-bits-long\n",
            "vestibule-sample-do-not-use-this-anywhere", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", " secret ",
        ])
    func samples(_ secret: String) throws {
        let error = #expect(throws: KeyError.self) { try key(Array(secret.utf8), allowShort: true) }
        #expect(error?.code == .sampleSecret)
    }

    @Test("the fingerprint is that of the secret's bytes, the newline included")
    func fingerprint() throws {
        let secret = Fixture.randomSecret(40)
        let plain = try key(secret).fingerprint
        #expect(plain.count == 8 && plain.allSatisfy { $0.isHexDigit })
        #expect(try key(secret).fingerprint == plain)
        #expect(try key(secret + [0x0A]).fingerprint != plain)
    }

    @Test("the fingerprint of a fixed secret is as documented, for other programs to compute")
    func documentedFingerprint() {
        // printf 'vestibule key fingerprint' | openssl dgst -sha256 -hmac 0123456789
        #expect(HMACKeyMaterial(secret: Array("0123456789".utf8)).fingerprint == "fc1991dd")
    }

    @Test(
        "white space around a secret in a file is kept and warned of",
        arguments: [
            ([], [0x0A], "ends"), ([0x20], [], "starts"), ([0x09], [0x0D, 0x0A], "starts and ends"),
        ] as [([UInt8], [UInt8], String)])
    func whitespace(_ before: [UInt8], _ after: [UInt8], says: String) throws {
        let directory = try TemporaryDirectory()
        let secret = Fixture.randomSecret(40)
        let path = try directory.write(before + secret + after, to: "secret.txt")
        let loaded = try SharedSecretFile(kid: "web", path: path, state: .active).load(createdAt: Fixture.now)
        #expect(loaded.key.fingerprint == (try key(before + secret + after).fingerprint))
        let warning = try #require(loaded.warnings.first)
        #expect(loaded.warnings.count == 1)
        #expect(warning.contains("\(path): the secret \(says) with white space"))
        #expect(warning.contains(loaded.key.fingerprint))
        #expect(warning.contains(try key(secret).fingerprint))
        #expect(!warning.contains(String(decoding: secret, as: UTF8.self)))
    }

    @Test("a clean secret file brings no warning")
    func clean() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Fixture.randomSecret(33), to: "secret.txt")
        let loaded = try SharedSecretFile(kid: "web", path: path, state: .next).load(createdAt: Fixture.now)
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.key.state == .next && loaded.key.kid == "web")
    }

    @Test("a secret file that others can read, that is missing, short or a sample is refused by its path")
    func refusedFiles() throws {
        let directory = try TemporaryDirectory()
        let cases: [(String, [UInt8], Int, KeyError.Code)] = [
            ("open", Fixture.randomSecret(40), 0o644, .insecurePermissions),
            ("short", Fixture.randomSecret(31), 0o600, .shortSecret),
            ("sample", Array("changeme\n".utf8), 0o600, .sampleSecret),
            ("huge", [UInt8](repeating: 0x61, count: 70_000), 0o600, .corrupted),
        ]
        for (name, bytes, mode, code) in cases {
            let path = try directory.write(bytes, to: name, mode: mode)
            let error = #expect(throws: KeyError.self) {
                try SharedSecretFile(kid: "web", path: path, state: .active).load(createdAt: Fixture.now)
            }
            #expect(error?.code == code)
            #expect(error?.message.contains(path) == true)
        }
        let missing = #expect(throws: KeyError.self) {
            try SharedSecretFile(kid: "w", path: directory.file("none"), state: .active).load(createdAt: Fixture.now)
        }
        #expect(missing?.code == .missingFile)
    }

    @Test("a key never shows its material, however it is printed")
    func reflection() throws {
        let secret = Fixture.randomSecret(40)
        let key = try key(secret)
        var dumped = ""
        dump(key, to: &dumped)
        for text in [dumped, "\(key)", String(reflecting: key), String(describing: try KeyRing([key]))] {
            #expect(!text.contains(String(decoding: secret, as: UTF8.self)))
            #expect(!text.contains(Base64URL.encode(secret)))
        }
    }
}
