import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A verified token's claims become a principal")
struct PrincipalClaimsTests {
    let fixture = Fixture()

    private func principal(_ changes: KeyValuePairs<String, JSONValue?>) throws -> Principal {
        try fixture.verifier().verify(try fixture.token(changes)).get()
    }

    @Test("a numeric subject is its digits as written")
    func numericSubject() throws {
        #expect(try principal(["sub": 42]).subject == "42")
        #expect(try principal(["sub": number("12345678901234567890123")]).subject == "12345678901234567890123")
    }

    @Test(
        "scope, permissions and roles may be an array or one string with spaces",
        arguments: [
            JSONValue.string("read write"), .string("  read   write "), ["read", "write"], ["read", 1, "write"],
        ])
    func words(_ value: JSONValue) throws {
        let principal = try principal(["scope": value, "permissions": value, "roles": value])
        let due: Set<ByteKey> = [ByteKey("read"), ByteKey("write")]
        #expect(principal.scope == due)
        #expect(principal.permissions == due)
        #expect(principal.roles == due)
    }

    @Test("a claim of a wrong type grants nothing", arguments: [JSONValue.null, 1, true, ["a": "b"]])
    func wrongTypes(_ value: JSONValue) throws {
        let principal = try principal(["scope": value, "permissions": value, "buckets": value])
        #expect(principal.scope.isEmpty && principal.permissions.isEmpty && principal.buckets.isEmpty)
    }

    @Test("buckets are plain names, each once, in the token's order")
    func buckets() throws {
        let principal = try principal(["buckets": ["s3://b", "a", "b", "s3://a/key", "", "no/bucket", "caf\u{E9}"]])
        #expect(principal.buckets == ["b", "a", "caf\u{E9}"])
        #expect(try self.principal(["buckets": "x s3://y x"]).buckets == ["x", "y"])
    }

    @Test("the rest is as the token says")
    func rest() throws {
        let principal = try principal(["level": "deep"])
        #expect(principal.issuer == Fixture.issuer)
        #expect(principal.subject == "ada")
        #expect(principal.keyID == "ec-1")
        #expect(principal.tokenID == "t-1")
        #expect(principal.issuedAt == Fixture.now)
        #expect(principal.expiration == NumericDate(1_800_000_300))
        #expect(principal.claims["level"] == "deep")
    }
}
