import Testing
import VestibuleProtocol

@testable import VestibuleAuth

/// One token and what must become of it.
struct TokenCase: Sendable, CustomTestStringConvertible {
    var name: String
    /// The reason of the refusal, or `nil` where the token is good.
    var reason: Reason?
    /// Text that the refusal's line must hold.
    var says: String
    var make: @Sendable (Fixture) throws -> String

    init(
        _ name: String, _ reason: Reason?, says: String = "", _ make: @escaping @Sendable (Fixture) throws -> String
    ) {
        self.name = name
        self.reason = reason
        self.says = says
        self.make = make
    }

    var testDescription: String { name }
}

func number(_ literal: String) -> JSONValue { JSONNumber(literal: literal).map(JSONValue.number) ?? .null }

@Suite("Every token gets the reason that it deserves")
struct TokenTableTests {
    static let all =
        TokenCase.shapes + TokenCase.headers + TokenCase.issuers + TokenCase.keys + TokenCase.signatures
        + TokenCase.times + TokenCase.audiences

    @Test("a token is accepted, or refused with its reason and a line that says why", arguments: all)
    func verdict(_ testCase: TokenCase) throws {
        let fixture = Fixture()
        let token = try testCase.make(fixture)
        switch try fixture.verifier().verify(token) {
        case .success:
            #expect(testCase.reason == nil)
        case .failure(let rejection):
            #expect(rejection.reason == testCase.reason, "\(rejection)")
            #expect(rejection.detail.contains(testCase.says), "\(rejection)")
            #expect(!rejection.detail.utf8.contains { $0 < 0x20 }, "one line, no control characters: \(rejection)")
            #expect(rejection.detail.utf8.count < 1200)
            if token.utf8.count > 60 {
                #expect(!rejection.detail.contains(token.suffix(20)), "never the token: \(rejection)")
            }
        }
    }

    @Test("the table is as long as it is meant to be, and every reason of verification is in it")
    func coverage() {
        #expect(Self.all.count >= 80)
        #expect(Set(Self.all.map(\.name)).count == Self.all.count)
        let due: Set<Reason> = [
            .tokenMalformed, .algorithmNotAllowed, .keyUnknown, .keyRetired, .signatureInvalid, .tokenExpired,
            .tokenNotYetValid, .tokenTooOld, .clockSkew, .issuerUnknown, .audienceMismatch, .claimMissing,
        ]
        #expect(Set(Self.all.compactMap(\.reason)) == due)
    }
}
