import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Authorization headers become a credential")
struct CredentialTests {
    let fixture = Fixture()

    @Test("no header is no credential")
    func absent() async throws {
        #expect(try await fixture.verifier().credential(authorization: []) == .absent)
    }

    @Test(
        "the scheme has no case, and white space around the token does not count",
        arguments: [
            "Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   ", "Bearer\t", "  Bearer ",
        ])
    func scheme(_ prefix: String) async throws {
        let credential = try await fixture.verifier().credential(authorization: [prefix + fixture.token() + " "])
        #expect(credential.principal?.subject == "ada")
    }

    @Test(
        "what is no bearer token is malformed, with a line that says what it is",
        arguments: [
            ("", "is empty"), ("   ", "is empty"), ("Bearer", "no token behind it"), ("Bearer ", "no token behind it"),
            ("Bearer Bearer x", "twice"), ("Bearer undefined", "undefined"), ("Bearer null", "null"),
            ("Bearer a b", "white space"), ("Basic dXNlcjpwYXNz", "\"basic\""), ("DPoP x", "\"dpop\""),
            ("Zebra x", "another scheme"), ("eyJhbGciOiJIUzI1NiJ9.e30.AA", "no scheme"), ("Bearer x", "this has 1"),
            ("Bearer: x", "another scheme"),
        ])
    func malformed(_ field: String, says: String) async throws {
        guard case .rejected(let rejection) = try await fixture.verifier().credential(authorization: [field]) else {
            Issue.record("accepted \(field)")
            return
        }
        #expect(rejection.reason == .tokenMalformed)
        #expect(rejection.detail.contains(says), "\(rejection.detail)")
        #expect(!rejection.detail.contains("eyJ") && !rejection.detail.contains("dXNlcjpwYXNz"))
    }

    /// requirement: F-15
    @Test("two headers are refused, even where both are good")
    func two() async throws {
        let field = "Bearer " + (try fixture.token())
        guard case .rejected(let rejection) = try await fixture.verifier().credential(authorization: [field, field])
        else {
            Issue.record("accepted two headers")
            return
        }
        #expect(rejection.reason == .tokenMalformed)
        #expect(rejection.detail.contains("2 Authorization headers"))
    }
}
