import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

/// Project Wycheproof's vectors for JWS and JWK, which lie beside the checkout and are no part of it.
private enum Wycheproof {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../../shared/vectors/jose").standardized

    static let files = ["json_web_signature_test", "json_web_key_test", "json_web_crypto_test"]

    static var isThere: Bool { files.allSatisfy { FileManager.default.fileExists(atPath: path($0).path) } }

    static func path(_ name: String) -> URL { folder.appending(path: "\(name).json") }

    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        /// A key, or a set of keys.
        var keys: JSONObject
        var number: Int
        var isValid: Bool
        var comment: String
        var token: String
        var isEncrypted: Bool
        var testDescription: String { "\(file) \(number) \(comment)" }
    }

    static func cases(_ file: String) throws -> [Case] {
        let groups = try JSONParser().parse(try Data(contentsOf: path(file)))["testGroups"]?.array
        return try #require(groups)
            .flatMap { group -> [Case] in
                let keys = try #require((group["public"] ?? group["private"])?.object)
                return try #require(group["tests"]?.array)
                    .map { test in
                        let sent = try #require(test["jws"] ?? test["jwe"])
                        return Case(
                            file: file, keys: keys, number: try #require(test["tcId"]?.integer),
                            isValid: test["result"] == "valid", comment: test["comment"]?.string ?? "",
                            // Those in JSON serialization are objects.
                            token: sent.string ?? sent.description, isEncrypted: test["jwe"] != nil)
                    }
            }
    }
}

@Suite(
    "Project Wycheproof's cases for JWS and JWK",
    .enabled(if: Wycheproof.isThere, "../shared/vectors/jose is not beside the checkout"))
struct WycheproofTests {
    /// Cases whose published verdict is not ours, and why. Number 4 of `json_web_key_test` has the published verdict for
    /// another reason: two secrets may share a `kid` here, but its second one is no canonical base64url.
    static let departures: [String: [Int: String]] = [
        "json_web_signature_test": [
            346: "the key is for PS256 alone, and the token says PS384: a key has one algorithm",
            347: "the key's alg is \"ES521\", which does not exist (RFC 7518 §3.4: ES512); such a key is not taken",
            350: "as 346",
            351: "as 347",
            367: "byte for byte the token of 357, which is valid",
            370: "byte for byte the token of 357, which is valid",
            372: "a ? within the header's base64url, which RFC 7515 §2 does not allow",
            373: "a ? within the payload's base64url, which RFC 7515 §2 does not allow",
        ],
        "json_web_key_test": [1: mixedSet],
        "json_web_crypto_test": [47: mixedSet],
    ]

    /// Wycheproof calls these ambiguous itself.
    private static let mixedSet = """
        a secret and a public key in one set, as a ring of one's own may have it: the kid names one key, and that key its \
        only algorithm, so that neither can be taken for the other. A published set that holds a secret is refused whole
        """

    /// As the verifier does it, but for the payload, which in these cases is not JSON. A key that is not taken accepts
    /// nothing.
    private func accepts(_ testCase: Wycheproof.Case) -> Bool {
        let parts = testCase.token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), Base64URL.decode(parts[1]) != nil,
            let signature = Base64URL.decode(parts[2]),
            let json = try? JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(header), json["crit"] == nil
        else { return false }
        let input = Array(testCase.token.utf8).dropLast(parts[2].count + 1)
        return keys(testCase.keys, named: json["kid"])
            .contains {
                json["alg"] == .string($0.algorithm.rawValue) && $0.isValid(signature: signature, for: input)
            }
    }

    /// A set is read as `token verify` reads one; a key alone by itself, for one of these is all zeros, which a ring
    /// refuses.
    private func keys(_ keys: JSONObject, named kid: JSONValue?) -> [any KeyMaterial] {
        if keys["keys"] != nil {
            let ring = try? KeyRing(jwks: .object(keys), createdAt: Fixture.now)
            return kid?.string.flatMap { ring?.keys(kid: $0) }?.map(\.material) ?? []
        }
        guard keys["kid"] == kid, let material = try? keyMaterial(jwk: keys) else { return [] }
        return [material]
    }

    @Test("the verdict is the published one, but for those listed with their reason", arguments: Wycheproof.files)
    func verdict(_ file: String) throws {
        for testCase in try Wycheproof.cases(file) where !testCase.isEncrypted {
            let isDeparture = Self.departures[file]?[testCase.number] != nil
            #expect(accepts(testCase) == (testCase.isValid != isDeparture), "\(testCase.testDescription)")
        }
    }

    @Test("encrypted tokens (RFC 7516) are not offered: each is refused, the good ones by that name")
    func encrypted() throws {
        let cases = try Wycheproof.files.flatMap { try Wycheproof.cases($0) }.filter(\.isEncrypted)
        #expect(cases.count == 34)
        for testCase in cases {
            let rejection = #expect(throws: Rejection.self, "\(testCase.testDescription)") {
                try TokenHeader.check(try TokenShape.read(testCase.token))
            }
            if testCase.isValid { #expect(rejection?.detail.contains("encrypted") == true) }
        }
    }

    @Test(
        "a key refused for its alg alone verifies once it names the right one: RFC 7520's PS384 and ES512",
        arguments: [(346, "PS384"), (347, "ES512"), (350, "PS384"), (351, "ES512")])
    func renamed(_ number: Int, algorithm: String) throws {
        let cases = try Wycheproof.cases("json_web_signature_test")
        var testCase = try #require(cases.first { $0.number == number })
        testCase.keys["alg"] = .string(algorithm)
        #expect(accepts(testCase))
    }

    @Test("a set that mixes secrets and public keys is refused where it was published")
    func mixedSets() throws {
        for (file, number) in [("json_web_key_test", 1), ("json_web_crypto_test", 47)] {
            let testCase = try #require(try Wycheproof.cases(file).first { $0.number == number })
            #expect(throws: KeyError.self) {
                try KeyRing(published: .object(testCase.keys), createdAt: Fixture.now)
            }
        }
    }

    @Test("all cases are there, and those called the same are")
    func complete() throws {
        let counts = try Wycheproof.files.map { try Wycheproof.cases($0).count }
        #expect(counts == [401, 26, 83])
        let tokens = try Wycheproof.cases("json_web_signature_test").filter { [357, 367, 370].contains($0.number) }
        #expect(Set(tokens.map(\.token)).count == 1)
    }
}

@Test("keys that are for encryption are not taken", arguments: ["use", "key_ops"])
func encryptionKeys(_ member: String) throws {
    let public256 = RingKey.generate(.es256, createdAt: NumericDate(0))
    var ring = KeyRing()
    try ring.add(public256)
    var key = try #require(ring.jwks["keys"]?.array?.first?.object)
    key["use"] = nil
    key["alg"] = nil
    key["kid"] = "k"
    _ = try keyMaterial(jwk: key)
    key[member] = member == "use" ? "enc" : ["encrypt", "decrypt"]
    let error = #expect(throws: KeyError.self) { try keyMaterial(jwk: key) }
    #expect(error?.code == .unsupported)
}
