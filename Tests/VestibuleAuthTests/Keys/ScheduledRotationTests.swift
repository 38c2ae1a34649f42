import Testing
import VestibuleProtocol

@testable import VestibuleAuth

private let now = Fixture.now
private let lifetime = Duration.seconds(300)
/// When a key that is published now signs: the lifetime, and a second for the replicas.
private let takeover = NumericDate(now.seconds + 301)
private let end = NumericDate(now.seconds + 901)

@Suite("A rotation publishes the new key first, and signs with it once everybody has seen it")
struct ScheduledRotationTests {
    private func rotating(_ algorithm: SigningAlgorithm = .es256) throws -> KeyRing {
        var ring = try KeyRing([Fixture.key(algorithm, "a", .active)])
        try ring.rotate(
            to: RingKey.generate(algorithm, kid: "b", createdAt: now), overlap: .seconds(600), publishedFor: lifetime,
            now: now)
        return ring
    }

    @Test("until then the old key signs; then the new one, and the old one verifies for the overlap from there")
    func takesOver() throws {
        let ring = try rotating()
        #expect(ring.keys.map(\.state) == [.leaving(at: takeover, until: end), .scheduled(from: takeover)])
        let moments: [(Double, [KeyState], String)] = [
            (0, ring.keys.map(\.state), "a"), (300.999, ring.keys.map(\.state), "a"),
            (301, [.verifying(until: end), .active], "b"), (900.999, [.verifying(until: end), .active], "b"),
            (901, [.retired(at: end), .active], "b"), (1e6, [.retired(at: end), .active], "b"),
        ]
        for (seconds, states, signer) in moments {
            let date = NumericDate(now.seconds + seconds)
            #expect(ring.active(at: date)?.kid == signer, "after \(seconds) s, by the dates alone")
            var settled = ring
            settled.settle(now: date)
            #expect(settled.keys.map(\.state) == states, "after \(seconds) s")
            #expect(settled.active?.kid == signer)
        }
        var settled = ring
        settled.settle(now: end)
        #expect(settled[kid: "b"]?.activeSince == takeover)
        #expect(settled[kid: "a"]?.canSign == false)
    }

    @Test("both keys are published while the rotation is under way, and both verify")
    func published() throws {
        let ring = try rotating()
        #expect(ring.jwks["keys"]?.array?.compactMap { $0["kid"]?.string } == ["a", "b"])
        #expect(ring.verifying(at: now).map(\.kid) == ["a", "b"])
    }

    @Test("a minter signs with whichever key the time says")
    func minting() throws {
        let clock = TestClock()
        let minter = TokenMinter(ring: try rotating(), clock: clock)
        let claims = TokenClaims(issuer: Fixture.issuer, audience: [Fixture.audience], subject: "ada")
        func signer() throws -> String? { try CompactToken(try minter.mint(claims)).keyID }
        #expect(try signer() == "a")
        clock.advance(301)
        #expect(try signer() == "b")
    }

    @Test("a key that was published long enough already signs at once")
    func publishedBefore() throws {
        let waiting = RingKey.generate(.es256, kid: "b", createdAt: NumericDate(now.seconds - 301))
        var ring = try KeyRing([Fixture.key(.es256, "a", .active), waiting])
        let key = try ring.rotate(overlap: .seconds(600), publishedFor: lifetime, now: now)
        #expect(key.kid == "b" && key.state == .active)
        var soon = try KeyRing([
            Fixture.key(.es256, "a", .active),
            RingKey.generate(.es256, kid: "b", createdAt: NumericDate(now.seconds - 101)),
        ])
        #expect(
            try soon.rotate(overlap: .zero, publishedFor: lifetime, now: now).state
                == .scheduled(from: NumericDate(now.seconds + 200)))
    }

    @Test("a secret is published to nobody: a second is enough for the replicas")
    func secrets() throws {
        let ring = try rotating(.hs256)
        #expect(ring[kid: "b"]?.state == .scheduled(from: NumericDate(now.seconds + 1)))
    }

    @Test("the first key of a ring waits for nobody")
    func first() throws {
        var ring = KeyRing()
        let key = RingKey.generate(.es256, createdAt: now)
        #expect(try ring.rotate(to: key, overlap: .zero, publishedFor: lifetime, now: now).state == .active)
    }

    @Test("a second rotation has to wait for the first, and is told what can be done")
    func twice() throws {
        var ring = try rotating()
        let before = ring.keys.map(\.state)
        for key in [nil, RingKey.generate(.edDSA, createdAt: now)] {
            let error = #expect(throws: KeyError.self) {
                try ring.rotate(to: key, overlap: .zero, publishedFor: lifetime, now: now)
            }
            #expect(error?.code == .illegalTransition)
            #expect(error?.message.contains("2027-01-15T08:05:01Z") == true)
            #expect(error?.message.contains("`vestibule keys retire b`") == true)
        }
        #expect(ring.keys.map(\.state) == before)
        try ring.rotate(overlap: .zero, publishedFor: lifetime, now: takeover)
        #expect(ring.scheduled != nil, "once the first is over, the next may begin")
    }

    @Test("at once: the key that was on its way signs, and the old one is retired or verifies as asked")
    func atOnce() throws {
        var ring = try rotating()
        try ring.rotate(overlap: .zero, now: now)
        #expect(ring.keys.map(\.state) == [.retired(at: now), .active])
        #expect(ring[kid: "b"]?.activeSince == now)
        ring = try rotating()
        try ring.rotate(overlap: .seconds(60), now: now)
        #expect(ring.keys.map(\.state) == [.verifying(until: NumericDate(now.seconds + 60)), .active])
    }

    @Test("at once to yet another key: the one that was on its way waits again")
    func overtaken() throws {
        var ring = try rotating()
        try ring.rotate(to: RingKey.generate(.edDSA, kid: "c", createdAt: now), overlap: .zero, now: now)
        #expect(ring.keys.map(\.state) == [.retired(at: now), .next, .active])
    }

    @Test("retiring the key that is on its way calls the rotation off; the one that leaves cannot be retired")
    func calledOff() throws {
        var ring = try rotating()
        let error = #expect(throws: KeyError.self) { try ring.retire(kid: "a", now: now) }
        #expect(error?.message.contains("active") == true)
        try ring.retire(kid: "b", now: now)
        #expect(ring.keys.map(\.state) == [.active, .retired(at: now)])
        ring.settle(now: end)
        #expect(ring.active?.kid == "a")
    }

    @Test("one key at most is on its way")
    func oneScheduled() throws {
        var ring = try rotating()
        let error = #expect(throws: KeyError.self) { try ring.add(Fixture.key(.es256, "c", .scheduled(from: end))) }
        #expect(error?.code == .illegalTransition)
        #expect(throws: KeyError.self) { try ring.add(Fixture.key(.es256, "c", .leaving(at: end, until: end))) }
    }

    @Test("a rotation under way survives the file, and goes on by its dates")
    func file() throws {
        let directory = try TemporaryDirectory()
        let file = KeyRingFile(path: directory.file("keys.json"))
        var ring = try rotating()
        try file.save(ring)
        #expect(try file.load().keys.map(\.state) == ring.keys.map(\.state))
        ring.settle(now: takeover)
        try file.save(ring)
        #expect(try file.load()[kid: "b"]?.activeSince == takeover)
    }

    @Test(
        "a file whose dates do not fit together is refused",
        arguments: [
            (#"{"state":"active","active_until":2000,"until":1000}"#, "\"until\" comes before"),
            (#"{"state":"active","active_until":2000}"#, "\"until\" is not a date"),
            (#"{"state":"next","active_from":"soon"}"#, "\"active_from\" is not a date"),
            (#"{"state":"active","active_since":1e300}"#, "\"active_since\" is not a date"),
        ])
    func damaged(_ members: String, complaint: String) throws {
        var key = try #require(try JSONValue(parsing: members).object)
        key["kid"] = "a"
        key["created_at"] = 0
        key["jwk"] = .object(Fixture.key(.es256, "a", .active).material.jwk)
        let document: JSONValue = ["format": "vestibule key ring", "version": 1, "keys": [.object(key)]]
        let error = #expect(throws: KeyError.self) { try KeyRing(document: document) }
        #expect(error?.message.contains(complaint) == true, "\(String(describing: error))")
    }

    @Test("a public key cannot be on its way to sign")
    func publicHalf() throws {
        let jwk = try #require(Fixture.key(.es256, "a", .next).material.publicJWK)
        let document: JSONValue = [
            "format": "vestibule key ring", "version": 1,
            "keys": [["kid": "a", "state": "next", "active_from": 5, "created_at": 0, "jwk": .object(jwk)]],
        ]
        let error = #expect(throws: KeyError.self) { try KeyRing(document: document) }
        #expect(error?.message.contains("no private half") == true)
    }

    @Test("a running server signs with the new key when its date comes, and says so once")
    func live() throws {
        let directory = try TemporaryDirectory()
        let file = KeyRingFile(path: directory.file("keys.json"))
        try file.save(try rotating())
        let clock = TestClock()
        let changes = Recorded<String>()
        let live = try LiveKeyRing(file: file, clock: clock) { news in
            if case .changed(let ring) = news { changes.append(ring.active?.kid ?? "none") }
        }
        let generation = live.generation
        clock.advance(300)
        #expect(live.current().active?.kid == "a")
        clock.advance(1)
        #expect(live.current().active?.kid == "b")
        clock.advance(600)
        #expect(live.current()[kid: "a"]?.state == .retired(at: end))
        _ = live.current()
        #expect(changes.all == ["b", "b"], "one when the key takes over, one when the overlap ends")
        #expect(live.generation == generation, "what was remembered of tokens knows the dates")
    }

    @Test("a remembered token is accepted through the takeover, to the end of the overlap and not a moment longer")
    func cachedToken() throws {
        let clock = TestClock()
        let ring = try rotating()
        let verifier = TokenVerifier(
            issuers: [
                TrustedIssuer(name: "own", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(ring))
            ], clock: clock)
        let token = try TokenMinter(ring: ring, clock: clock)
            .mint(
                TokenClaims(
                    issuer: Fixture.issuer, audience: [Fixture.audience], subject: "ada", timeToLive: .seconds(3600)))
        for step in [0, 300.5, 1, 599] {
            clock.advance(step)
            #expect(throws: Never.self) { try verifier.verify(token).get() }
        }
        clock.advance(0.5)
        guard case .failure(let rejection) = verifier.verify(token) else {
            Issue.record("accepted after the overlap")
            return
        }
        #expect(rejection.reason == .keyRetired && rejection.detail.contains("the active key is \"b\""))
    }
}
