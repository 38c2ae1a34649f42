import Synchronization
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("The verifier remembers tokens, and forgets in time")
struct VerifierTests {
    let fixture = Fixture()

    private func reason(_ verifier: TokenVerifier, _ token: String) -> Reason? {
        if case .failure(let rejection) = verifier.verify(token) { rejection.reason } else { nil }
    }

    @Test("a remembered token gives the same principal")
    func same() throws {
        let verifier = try fixture.verifier(cacheSize: 16)
        let token = try fixture.token(["buckets": ["a"]])
        #expect(try verifier.verify(token).get() == verifier.verify(token).get())
        #expect(verifier.cache.count == 1)
    }

    @Test("a remembered token expires all the same")
    func expiry() throws {
        let verifier = try fixture.verifier(cacheSize: 16)
        let token = try fixture.token()
        #expect(reason(verifier, token) == nil)
        fixture.clock.advance(304)
        #expect(reason(verifier, token) == nil, "within the leeway")
        fixture.clock.advance(1)
        #expect(reason(verifier, token) == .tokenExpired)
    }

    @Test("a remembered token grows too old all the same")
    func age() throws {
        let verifier = try fixture.verifier(cacheSize: 16)
        let token = try fixture.token(["iss": .string(Fixture.agedIssuer), "exp": 1_900_000_000])
        #expect(reason(verifier, token) == nil)
        fixture.clock.advance(306)
        #expect(reason(verifier, token) == .tokenTooOld)
    }

    @Test("a clock that is set back makes a remembered token one of the future")
    func clockSetBack() throws {
        let verifier = try fixture.verifier(cacheSize: 16)
        let token = try fixture.token()
        #expect(reason(verifier, token) == nil)
        fixture.clock.advance(-60)
        #expect(reason(verifier, token) == .clockSkew)
    }

    @Test("a remembered token is refused once its key has verified long enough")
    func verifyingKey() throws {
        let verifier = try fixture.verifier(cacheSize: 16)
        let token = try fixture.token(["exp": 1_900_000_000], key: fixture.verifying)
        #expect(reason(verifier, token) == nil)
        fixture.clock.advance(599)
        #expect(reason(verifier, token) == nil)
        fixture.clock.advance(1)
        #expect(reason(verifier, token) == .keyRetired)
    }

    /// requirement: B-57
    @Test("revocation is asked for every request, remembered token or not")
    func revocation() throws {
        let revoked = Mutex(false)
        let verifier = try fixture.verifier(cacheSize: 16) { principal in
            guard revoked.withLock({ $0 }), principal.tokenID == "t-1" else { return nil }
            return Rejection(.tokenRevoked, "this token was revoked; sign in again")
        }
        let token = try fixture.token()
        #expect(reason(verifier, token) == nil)
        revoked.withLock { $0 = true }
        #expect(reason(verifier, token) == .tokenRevoked)
        #expect(reason(verifier, try fixture.token(["jti": "t-2"])) == nil)
    }

    @Test("refused tokens are not remembered as good, whatever is asked first")
    func refusedNotRemembered() throws {
        let verifier = try fixture.verifier(cacheSize: 16)
        let token = try fixture.token()
        var forged = token.utf8.map(\.self)
        forged[forged.count - 10] ^= 1
        #expect(reason(verifier, token) == nil)
        #expect(reason(verifier, String(decoding: forged, as: UTF8.self)) != nil)
        #expect(verifier.cache.count == 1)
    }

    @Test("no more tokens are remembered than the bound says, and those in use stay")
    func bound() throws {
        let verifier = try fixture.verifier(cacheSize: 8)
        let inUse = try fixture.token()
        for index in 0..<40 {
            #expect(reason(verifier, inUse) == nil)
            #expect(reason(verifier, try fixture.token(["jti": .integer(index)])) == nil)
            #expect(verifier.cache.count <= 8)
        }
        #expect(verifier.cache[TokenDigest(inUse)] != nil)
    }

    @Test("with a size of 0 nothing is remembered")
    func noCache() throws {
        let verifier = try fixture.verifier(cacheSize: 0)
        #expect(reason(verifier, try fixture.token()) == nil)
        #expect(verifier.cache.count == 0)
    }

    @Test("tokens refused for their key are remembered as such, within a bound; others are not")
    func refusals() throws {
        let verifier = try fixture.verifier(cacheSize: 32)
        let forged = try fixture.token(header: ["kid": "ec-9"])
        for _ in 0..<3 { #expect(reason(verifier, forged) == .keyUnknown) }
        #expect(verifier.refusals.count == 1)
        #expect(reason(verifier, try fixture.token(["exp": 1])) == .tokenExpired)
        #expect(reason(verifier, "undefined") == .tokenMalformed)
        #expect(verifier.refusals.count == 1)
        for index in 0..<40 {
            #expect(reason(verifier, try fixture.token(["jti": .integer(index)], key: fixture.other)) == .keyUnknown)
            #expect(verifier.refusals.count <= 8)
        }
        #expect(verifier.cache.count == 0)
    }

    @Test("without issuers every token is refused")
    func noIssuers() throws {
        let verifier = TokenVerifier(issuers: [], clock: fixture.clock)
        #expect(reason(verifier, try fixture.token()) == .issuerUnknown)
    }

    /// requirement: F-20
    @Test("an issuer without audiences accepts nothing")
    func noAudiences() throws {
        let issuer = TrustedIssuer(
            name: "x", issuer: Fixture.issuer, audiences: [], keys: .fixed(try fixture.ring))
        let verifier = TokenVerifier(issuers: [issuer], clock: fixture.clock)
        #expect(reason(verifier, try fixture.token()) == .audienceMismatch)
        #expect(reason(verifier, try fixture.token(["aud": []])) == .audienceMismatch)
    }

    @Test("a server's secret with a trailing newline, a signer's without: the line says so")
    func serverNewline() throws {
        for ending in [[0x0A], [0x0D, 0x0A], [0x20, 0x20]] as [[UInt8]] {
            let secret = Fixture.randomSecret(40)
            let ring = try KeyRing([fixture.key(hmac: secret + ending)])
            let issuer = TrustedIssuer(
                name: "web", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(ring))
            let verifier = TokenVerifier(issuers: [issuer], clock: fixture.clock)
            let token = try fixture.token(key: fixture.key(hmac: secret))
            guard case .failure(let rejection) = verifier.verify(token) else {
                Issue.record("a token of another secret was accepted")
                continue
            }
            #expect(rejection.reason == .signatureInvalid)
            let due = ending == [0x20, 0x20] ? "without the white space" : "with the trailing newline of the server's"
            #expect(rejection.detail.contains(due), "\(rejection.detail)")
        }
    }

    /// requirement: F-25
    @Test("a refusal holds neither the token nor a secret nor the claims that have no part in it")
    func secrecy() throws {
        let verifier = try fixture.verifier()
        for testCase in TokenTableTests.all where testCase.reason != nil {
            let token = try testCase.make(fixture)
            guard case .failure(let rejection) = verifier.verify(token) else { continue }
            // By words: one fingerprint in some hundreds has these letters in it.
            let words = rejection.detail.split { !$0.isLetter && !$0.isNumber }
            #expect(!words.contains("ada"), "\(testCase.name): \(rejection.detail)")
            for secret in [fixture.verifyingSecret, fixture.formerSecret] {
                #expect(!rejection.detail.contains(String(decoding: secret, as: UTF8.self)))
            }
            for part in token.split(separator: ".") where part.count > 24 {
                #expect(!rejection.detail.contains(part.prefix(24)), "\(testCase.name): \(rejection.detail)")
            }
        }
    }

    @Test("of several faults the first by the documented order is told", arguments: 0..<12)
    func order(_ mended: Int) throws {
        // From the last step to the first; with each step mended, the next fault comes to light.
        let faults: [(reason: Reason, claims: [(String, JSONValue?)], header: [(String, JSONValue?)])] = [
            (.algorithmNotAllowed, [], [("crit", ["x"])]), (.tokenMalformed, [], [("typ", "logout+jwt")]),
            (.issuerUnknown, [("iss", "https://unknown.test")], []), (.algorithmNotAllowed, [], [("alg", "EdDSA")]),
            (.keyUnknown, [], [("kid", "nobody")]), (.signatureInvalid, [], []),
            (.claimMissing, [("exp", "soon")], []), (.tokenExpired, [("exp", 1)], []),
            (.clockSkew, [("nbf", 1_800_000_060)], []), (.tokenTooOld, [("iat", 1)], []),
            (.audienceMismatch, [("aud", "x")], []), (.claimMissing, [("sub", nil)], []),
        ]
        var claims = Fixture.claims
        claims["iss"] = .string(Fixture.agedIssuer)
        var header: JSONObject = ["alg": "ES256", "kid": "ec-1"]
        for fault in faults[mended...].reversed() {
            for (name, value) in fault.claims { claims[name] = value }
            for (name, value) in fault.header { header[name] = value }
        }
        let isForged = mended <= 5
        let key = isForged ? RingKey.generate(.es256, kid: "ec-1", createdAt: Fixture.now) : fixture.active
        let token = try fixture.raw(
            header: JSONValue.object(header).description, claims: JSONValue.object(claims).description, key: key)
        #expect(reason(try fixture.verifier(), token) == faults[mended].reason)
    }

    @Test("a token of exactly 16 KiB is read, one byte more is not")
    func sizeBound() throws {
        let verifier = try fixture.verifier()
        func token(padding: Int) throws -> String {
            try fixture.token(["padding": .string(String(repeating: "x", count: padding))])
        }
        let sizes = try (11_900...12_100).map { (padding: $0, length: try token(padding: $0).utf8.count) }
        let fitting = try #require(sizes.last { $0.length <= 16_384 })
        let excessive = try #require(sizes.first { $0.length > 16_384 })
        #expect(fitting.length >= 16_383 && excessive.length <= 16_386)
        #expect(reason(verifier, try token(padding: fitting.padding)) == nil)
        #expect(reason(verifier, try token(padding: excessive.padding)) == .tokenMalformed)
    }

    @Test("whatever bytes come, there is an answer and no trap")
    func noise() throws {
        let verifier = try fixture.verifier()
        let good = Array(try fixture.token().utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: index)
                }
            }
            if case .success = verifier.verify(String(decoding: bytes, as: UTF8.self)) {
                #expect(bytes == good, "a changed token was accepted")
            }
        }
    }
}
