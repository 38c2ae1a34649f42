import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Project Wycheproof's cases for JWS")
struct WycheproofTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var key: String
        var number: Int
        var isValid: Bool
        var testDescription: String
        var token: String

        init?(_ line: Substring) {
            let fields = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 5, let number = Int(fields[1]) else { return nil }
            self.key = fields[0]
            self.number = number
            self.isValid = fields[2] == "valid"
            self.testDescription = "\(number) \(fields[3])"
            self.token = fields[4]
        }
    }

    static let cases = WycheproofVectors.text.split(separator: "\n").compactMap(Case.init)

    /// Cases whose published verdict cannot be followed, and ours. 372 and 373 have a `?` within base64url and are said
    /// to be valid; 367 and 370 are byte for byte the token of 357, which is valid, and are said to be invalid.
    static let ours: [Int: Bool] = [367: true, 370: true, 372: false, 373: false]

    static let keys: [String: JSONObject] = [
        "hs256": [
            "kty": "oct", "alg": "HS256", "use": "sig", "kid": "kid-aes-sign",
            "k": "-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE",
        ],
        "zero": [
            "kty": "oct", "alg": "HS256", "use": "sig", "kid": "hs256-key",
            "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ],
        "es256": [
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "kid-ec-sign",
            "x": "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY", "y": "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw",
        ],
    ]

    /// As the verifier does it, but for the payload, which in these cases is not JSON.
    private func accepts(_ token: String, key: JSONObject) throws -> Bool {
        let material = try keyMaterial(jwk: key)
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), Base64URL.decode(parts[1]) != nil,
            let signature = Base64URL.decode(parts[2]),
            let json = try? JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(header),
            json["alg"] == .string(material.algorithm.rawValue), json["kid"] == key["kid"], json["crit"] == nil
        else { return false }
        let input = Array(token.utf8).dropLast(parts[2].count + 1)
        return material.isValid(signature: signature, for: input)
    }

    @Test("the verdict is the published one, but for four whose own is mistaken", arguments: cases)
    func verdict(_ testCase: Case) throws {
        let key = try #require(Self.keys[testCase.key])
        #expect(try accepts(testCase.token, key: key) == Self.ours[testCase.number] ?? testCase.isValid)
    }

    @Test("all cases are there, and those called mistaken are")
    func complete() {
        #expect(Self.cases.count == 77)
        let tokens = Self.cases.filter { [357, 367, 370].contains($0.number) }.map(\.token)
        #expect(tokens.count == 3 && Set(tokens).count == 1)
    }

    @Test("keys that are for encryption are not taken", arguments: ["use", "key_ops"])
    func encryptionKeys(_ member: String) throws {
        var key = try #require(Self.keys["es256"])
        key["use"] = nil
        key["alg"] = nil
        key[member] = member == "use" ? "enc" : ["encrypt", "decrypt"]
        let error = #expect(throws: KeyError.self) { try keyMaterial(jwk: key) }
        #expect(error?.code == .unsupported)
    }
}
