import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Refusals")
struct RefusalTests {
    /// requirement: F-03, F-11, F-13, F-14, F-15, H-06
    @Test("a missing token is challenged without an error, with the metadata and the scope")
    func missingToken() async throws {
        let entrance = try Entrance()
        let session = try await entrance.open()
        let reply = await entrance.call("echo", session: session)
        #expect(reply.status == 401)
        #expect(
            reply.challenge == #"Bearer scope="mcp", resource_metadata=""#
                + Entrance.origin + #"/.well-known/oauth-protected-resource/mcp""#)
        #expect(reply.json?["id"]?.integer == 7)
        #expect(reply.error?["code"]?.integer == 401)
        #expect(reply.error?["data"]?["remedy"] == "sign_in")
        #expect(reply.error?["data"]?["requestId"]?.string == reply["Vestibule-Request-Id"])
    }

    /// requirement: F-13, F-15, F-25, H-03
    @Test("a refused token is told with its reason in the challenge and in the body")
    func refusedToken() async throws {
        let entrance = try Entrance()
        let token = try entrance.token(ttl: .seconds(10))
        entrance.clock.advance(by: .seconds(60))
        let reply = await entrance.post(Entrance.initialize(), token: token)
        #expect(reply.status == 401)
        #expect(reply.reason == "token_expired")
        #expect(reply.challenge?.hasPrefix(#"Bearer error="invalid_token", error_description=""#) == true)
        let record = try #require(entrance.records.last)
        #expect(record.keyID == "k1")
        #expect(record.tokenAge == .seconds(60))
        #expect(record.verdict == .refused)
        #expect(record.phase == .handshake)
        #expect(!reply.body.contains(token.utf8) && !"\(record)".contains(token))
    }

    @Test("a token that does not count is named on the answer where the request is served as anonymous")
    func ignoredToken() async throws {
        let entrance = try Entrance(policy: AccessPolicy(rejectedToken: .anonymous))
        let reply = await entrance.post(Entrance.initialize(), token: "nonsense")
        #expect(reply.status == 200)
        #expect(reply["Vestibule-Token"] == "rejected; reason=token_malformed")
        #expect(entrance.records.last?.reason == .tokenMalformed)
        #expect(entrance.records.last?.verdict == .admitted)
    }

    /// requirement: F-16, F-17
    @Test("a scope that is missing is 403 with the scope that would do")
    func scope() async throws {
        let entrance = try Entrance(rules: [Rule(tools: ["echo"], scope: ["a", "b"])])
        let session = try await entrance.open()
        let reply = await entrance.call("echo", token: try entrance.token(scope: ["a"]), session: session)
        #expect(reply.status == 403)
        #expect(reply.reason == "scope_insufficient")
        #expect(reply.challenge?.contains(#"error="insufficient_scope""#) == true)
        #expect(reply.challenge?.contains(#"scope="a b""#) == true)
    }

    @Test("a denial that no token would change is a failed tool result, or HTTP 403 where that is asked for")
    func denials() async throws {
        let rules = [Rule(tools: ["echo"], permissions: ["p"])]
        let inBand = try Entrance(rules: rules)
        let told = await inBand.call("echo", token: try inBand.token(), session: try await inBand.open())
        #expect(told.status == 200)
        #expect(told.result?["isError"] == true)
        #expect(told.reason == "tool_forbidden")
        #expect(told.result?["content"]?.array?.count == 1)
        #expect(told.result?["structuredContent"]?["remedy"] == "none")
        #expect(inBand.records.last?.verdict == .refused)

        let http = try Entrance(policy: AccessPolicy(denials: .http), rules: rules)
        let refused = await http.call("echo", token: try http.token(), session: try await http.open())
        #expect(refused.status == 403)
        #expect(refused.reason == "tool_forbidden")
        #expect(refused.challenge == nil)
    }

    /// requirement: E-19
    @Test("with rules an unknown tool is forbidden, without it is -32602 in HTTP 200")
    func unknownTool() async throws {
        let ruled = try Entrance(rules: [Rule(tools: ["echo"])])
        #expect(
            await ruled.call("nosuch", token: try ruled.token(), session: try await ruled.open()).reason
                == "tool_forbidden")
        let free = try Entrance()
        let reply = await free.call("nosuch", token: try free.token(), session: try await free.open())
        #expect(reply.status == 200)
        #expect(reply.error?["code"]?.integer == -32602)
    }

    @Test("the 61st different refused token of an address is 429; a known one, a valid one and other addresses are not")
    func limiter() async throws {
        let entrance = try Entrance()
        for number in 0..<60 {
            #expect(await entrance.post(Entrance.ping, token: "bad\(number)").status == 401)
        }
        let limited = await entrance.post(Entrance.ping, token: "bad60")
        #expect(limited.status == 429)
        #expect(limited.reason == "rate_limited")
        #expect(limited["Retry-After"] == "60")
        #expect(await entrance.post(Entrance.ping, token: "bad0").status == 401)
        #expect(await entrance.post(Entrance.initialize(), token: try entrance.token()).status == 200)
        #expect(await entrance.post(Entrance.initialize()).status == 200)
        #expect(await entrance.post(Entrance.ping, token: "bad60", address: "192.0.2.2").status == 401)
        entrance.clock.advance(by: .seconds(60))
        #expect(await entrance.post(Entrance.ping, token: "bad60").status == 401)
    }

    @Test("a subscriber's whole IPv6 network counts as one address")
    func network() {
        #expect(RefusedTokenLimiter.network(of: "2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64")
        #expect(RefusedTokenLimiter.network(of: "2001:db8:1:2::9%eth0") == "2001:db8:1:2::/64")
        #expect(RefusedTokenLimiter.network(of: "2001:db8::9") == "2001:db8::/64")
        #expect(RefusedTokenLimiter.network(of: "::1") == "::/64")
        #expect(RefusedTokenLimiter.network(of: "::ffff:192.0.2.1") == "192.0.2.1")
        #expect(RefusedTokenLimiter.network(of: "192.0.2.1") == "192.0.2.1")
    }

    @Test("the limiter remembers a bounded number of addresses")
    func bounded() {
        let limiter = RefusedTokenLimiter(limit: 1, maximumAddresses: 10)
        for number in 0..<1_000 {
            let now = NumericDate(Double(number))
            #expect(limiter.refuse("a", from: "10.0.\(number % 200).1", at: now) == nil)
            #expect(limiter.addressCount <= 10)
        }
        #expect(limiter.refuse("b", from: "10.0.199.1", at: NumericDate(999)) == .seconds(60))
    }
}

extension [UInt8] {
    func contains(_ other: String.UTF8View) -> Bool {
        String(decoding: self, as: UTF8.self).contains(String(other))
    }
}
