import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("Claims that a provider tells when asked")
struct UserInfoTests {
    private static let rules = [
        GrantRule(claims: ["department": "engines"], grant: Grant(roles: ["engineer"])),
        GrantRule(claims: ["groups": "told"], grant: Grant(roles: ["told"])),
        GrantRule(claims: ["groups": "analysts"], grant: Grant(roles: ["analyst"])),
    ]

    @Test("add to those of the ID token, which count first")
    func merged() async throws {
        let bench = SignInBench(grants: Self.rules, asksForUserInfo: true)
        #expect(try await bench.run().person?.grant.roles == ["engineer", "analyst"])
        bench.provider.change { $0.changes = [("groups", nil)] }
        #expect(try await bench.run().person?.grant.roles == ["engineer", "told"])
    }

    @Test("are not asked for where nobody wants them")
    func unasked() async throws {
        let bench = SignInBench(grants: Self.rules)
        #expect(try await bench.run().person?.grant.roles == ["analyst"])
        #expect(bench.provider.count("/userinfo") == 0)
    }

    @Test(
        "of another person, or of nobody, refuse the sign-in",
        arguments: [JSONValue.string("eve"), .string("ADA"), 5, nil] as [JSONValue?])
    func otherPerson(_ subject: JSONValue?) async throws {
        let bench = SignInBench(asksForUserInfo: true)
        bench.provider.change { $0.userInfo["sub"] = subject }
        #expect(try await bench.run().detail.hasPrefix("id_token_refused: the userinfo endpoint"))
    }

    @Test(
        "that cannot be had say why",
        arguments: [
            (TransportResponse(status: 401), "HTTP 401"), (TransportResponse(status: 503), "provider_unreachable"),
            (TransportResponse(status: 200, bytes: Array("a.b.c".utf8)), "other than a JSON object"),
            (TransportResponse(status: 200, bytes: Array(#"{"sub":"ada","sub":"eve"}"#.utf8)), "other than a JSON"),
            (TransportResponse(status: 200, bytes: Array(repeating: 0x20, count: 300_000)), "more than 262144"),
        ])
    func unusable(_ reply: TransportResponse, expected: String) async throws {
        let bench = SignInBench(asksForUserInfo: true)
        bench.provider.change { $0.replies["/userinfo"] = reply }
        let outcome = try await bench.run()
        #expect(outcome.status == 502 && outcome.detail.contains(expected), "\(outcome.detail)")
        #expect(!(outcome.detail + (outcome.page ?? "")).contains("the-access-token"))
    }

    @Test("need an endpoint and an access token that is one")
    func missing() async throws {
        let bench = SignInBench(asksForUserInfo: true)
        for bad in ["", "a\r\nX: y", "ä"] {
            bench.provider.change { $0.accessToken = bad }
            #expect(try await bench.run().detail.contains("gave no access token"))
        }
        #expect(bench.provider.count("/userinfo") == 0)
        let without = SignInBench(asksForUserInfo: true)
        without.provider.change { $0.metadata["userinfo_endpoint"] = nil }
        #expect(try await without.run().detail.contains("no userinfo endpoint"))
        let plain = SignInBench()
        plain.provider.change { $0.metadata["userinfo_endpoint"] = "http://idp.test/userinfo" }
        let start = await plain.signIn.begin(SignInBench.request("/auth/sign-in"), returnTo: .home)
        #expect(start.detail?.contains("plain http") == true)
    }
}
