import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("What comes back from an identity provider")
struct CallbackTests {
    @Test("no browser completes a sign-in that it has not begun")
    func otherBrowser() async throws {
        let bench = SignInBench()
        var theirs = try await bench.begin()
        let mine = try await bench.begin()
        theirs.cookie = mine.cookie
        for tab in [theirs, SignInBench.Tab(cookie: nil, location: mine.location)] {
            let outcome = await bench.complete(tab)
            #expect(outcome.status == 400 && outcome.detail.hasPrefix("state_missing:"), "\(outcome.detail)")
        }
        #expect(bench.provider.count("/token") == 0, "no code is redeemed for a stranger")
        #expect(await bench.complete(mine).person != nil)
    }

    @Test("the same answer counts once, also with a copy of the cookie")
    func replay() async throws {
        let bench = SignInBench()
        let tab = try await bench.begin()
        #expect(await bench.complete(tab).person != nil)
        let again = await bench.complete(tab)
        #expect(again.status == 400 && again.detail.hasPrefix("state_used:"))
        #expect(bench.provider.count("/token") == 1)
    }

    @Test("ten minutes are enough for a sign-in, more are too many")
    func expiry() async throws {
        let bench = SignInBench()
        let (early, late) = (try await bench.begin(), try await bench.begin())
        bench.clock.advance(by: .seconds(599))
        bench.provider.change { $0.nonce = early.parameters["nonce"] ?? "" }
        #expect(await bench.complete(early).person != nil)
        bench.clock.advance(by: .seconds(2))
        #expect(await bench.complete(late).detail.hasPrefix("state_expired:"))
    }

    @Test("a cookie that was altered, cut, or sealed by another server opens nothing")
    func tampered() async throws {
        let bench = SignInBench()
        let tab = try await bench.begin()
        let cookie = try #require(tab.cookie)
        let foreign = try #require(try await SignInBench().begin().cookie)
        let flipped = String(cookie.dropLast()) + (cookie.hasSuffix("A") ? "B" : "A")
        for bad in [
            flipped, String(cookie.dropLast(9)), foreign, "\(cookie); \(cookie)", "__Host-vestibule-oidc-8080=",
        ] {
            var other = tab
            other.cookie = bad
            #expect(await bench.complete(other).detail.hasPrefix("state_missing:"))
        }
        #expect(await bench.complete(tab).person != nil)
    }

    @Test("two tabs of one browser sign in at the same time, and each returns to its own page")
    func tabs() async throws {
        let bench = SignInBench()
        let first = try await bench.begin(returnTo: "/first")
        var second = try await bench.begin(first.cookie, returnTo: "/second")
        let nonce = second.parameters["nonce"] ?? ""
        // The browser has one cookie for both: the newest.
        var again = first
        again.cookie = second.cookie
        bench.provider.change { $0.nonce = first.parameters["nonce"] ?? "" }
        let one = await bench.complete(again)
        guard case .signedIn(_, let path, let fields) = one else {
            Issue.record("\(one.detail)")
            return
        }
        #expect(path.path == "/first")
        second.cookie = SignInBench.cookie(fields)
        bench.provider.change { $0.nonce = nonce }
        let two = await bench.complete(second)
        guard case .signedIn(_, let path, let fields) = two else {
            Issue.record("\(two.detail)")
            return
        }
        #expect(path.path == "/second")
        #expect(SignInBench.cookie(fields) == nil)
    }

    @Test("however often one browser begins, its cookie stays below what browsers keep, and the newest works")
    func bounded() async throws {
        let bench = SignInBench()
        let long = "/" + String(repeating: "x", count: 1000)
        var tab = try await bench.begin(returnTo: long)
        for _ in 0..<20 {
            tab = try await bench.begin(tab.cookie, returnTo: long)
            #expect((tab.cookie?.utf8.count ?? 0) < 4000)
        }
        #expect(await bench.complete(tab).person != nil)
        var attempts = SignInAttempts()
        for _ in 0..<20 { attempts.add(SignInAttempt.make(returnTo: .home, now: bench.clock.now())) }
        #expect(attempts.list.count == SignInAttempts.maximum)
    }

    @Test("used states are forgotten when they have expired, and the oldest first where there are too many")
    func usedStates() {
        var used = UsedStates()
        let now = NumericDate(1_700_000_000)
        let first: (String, NumericDate) -> Bool = { used.insert($0, now: $1) }
        for index in 0..<UsedStates.maximum { #expect(first("\(index)", now + .milliseconds(index))) }
        #expect(first("one more", now + .seconds(60)))
        #expect(used.count == UsedStates.maximum)
        #expect(!first("1", now + .seconds(60)), "the newer ones are still known")
        #expect(first("0", now + .seconds(60)), "the oldest made room")
        #expect(first("later", now + .seconds(900)))
        #expect(used.count == 1)
    }

    @Test(
        "what is no answer of a provider is refused with what is wrong about it",
        arguments: [
            ("", "no answer"), ("?", "no state"), ("?code=a", "no state"), ("?state=", "no state"),
            ("?state=a&state=b&code=c", "state twice"), ("?code=a&code=b&state=c", "code twice"),
            ("?state=a&code=%zz", "code that is not UTF-8"), ("?state=%ff&code=a", "state that is not UTF-8"),
            ("?state=a&code=%4", "code that is not UTF-8"), ("?state=a&%73tate=b", "state twice"),
            ("?state=" + String(repeating: "a", count: 9000), "more than 8192"),
        ])
    func malformed(_ query: String, expected: String) async throws {
        let bench = SignInBench()
        let tab = try await bench.begin()
        let outcome = await bench.complete(query, cookie: tab.cookie)
        #expect(outcome.status == 400)
        #expect(
            outcome.detail.hasPrefix("response_malformed:") && outcome.detail.contains(expected), "\(outcome.detail)")
    }

    @Test(
        "an answer of another provider is refused, and one without name where names are promised (RFC 9207)",
        arguments: [
            ("https://evil.test", true, "issuer_mismatch"), (nil, true, "issuer_mismatch"), (nil, false, nil),
            ("https://idp.test/realm/", false, "issuer_mismatch"), ("", false, "issuer_mismatch"),
        ] as [(String?, Bool, String?)])
    func mixUp(_ issuer: String?, isPromised: Bool, expected: String?) async throws {
        let bench = SignInBench()
        bench.provider.change { $0.metadata["authorization_response_iss_parameter_supported"] = .bool(isPromised) }
        let outcome = try await bench.run(["iss": issuer])
        #expect((outcome.person != nil) == (expected == nil), "\(outcome.detail)")
        if let expected { #expect(outcome.detail.hasPrefix(expected)) }
        #expect(bench.provider.count("/token") == (expected == nil ? 1 : 0))
        // An error, too, is believed of the right provider only.
        let error = try await bench.run(["iss": issuer, "code": nil, "error": "access_denied"])
        #expect(error.detail.hasPrefix(expected ?? "denied"))
    }

    @Test(
        "what the provider says instead of a code is shown, on one line and harmless",
        arguments: [
            ("access_denied", 403, "denied"), ("consent_required", 403, "denied"),
            ("invalid_scope", 502, "provider_error"), ("<script>", 502, "provider_error"),
        ])
    func errors(_ error: String, status: Int, code: String) async throws {
        let bench = SignInBench()
        let outcome = try await bench.run([
            "code": nil, "error": error, "error_description": "no\n<img src=x onerror=alert(1)>\u{202E}way",
        ])
        #expect(outcome.status == status)
        #expect(outcome.detail.hasPrefix(code + ":") && !outcome.detail.contains("\n"))
        let page = try #require(outcome.page)
        #expect(!page.contains("<img") && !page.contains("<script") && page.contains("&lt;img"))
        #expect(page.contains("/auth/sign-in?return=%2Foperate%3Fx%3D1"), "it can be tried again")
        #expect(bench.provider.count("/token") == 0)
    }

    @Test("an answer with neither code nor error is refused")
    func neither() async throws {
        let outcome = try await SignInBench().run(["code": nil])
        #expect(outcome.detail.hasPrefix("response_malformed:") && outcome.detail.contains("neither code nor error"))
    }
}
