import Testing
import VestibuleProtocol

@testable import VestibuleAuth

private let now = Fixture.now
private let later = NumericDate(now.seconds + 100)

@Suite("A key ring's keys change state only as documented")
struct KeyRingTests {
    private func ring(_ states: (String, KeyState)...) throws -> KeyRing {
        try KeyRing(states.map { Fixture.key(.es256, $0.0, $0.1) })
    }

    @Test("a rotation with overlap leaves the old key verifying until it ends")
    func overlap() throws {
        var ring = try ring(("a", .active))
        let successor = try ring.rotate(overlap: .seconds(600), now: now)
        #expect(ring.active?.kid == successor.kid)
        #expect(successor.algorithm == .es256)
        #expect(ring[kid: "a"]?.state == .verifying(until: NumericDate(now.seconds + 600)))
        #expect(ring.keys.count == 2)
    }

    @Test("a rotation without overlap retires the old key at once")
    func noOverlap() throws {
        var ring = try ring(("a", .active))
        try ring.rotate(overlap: .zero, now: now)
        #expect(ring[kid: "a"]?.state == .retired(at: now))
        #expect(ring[kid: "a"]?.canSign == false, "a retired key pair loses its private half")
    }

    @Test("a rotation generates a key of the active one's algorithm", arguments: SigningAlgorithm.allCases)
    func algorithm(_ algorithm: SigningAlgorithm) throws {
        var ring = try KeyRing([Fixture.key(algorithm, "a", .active)])
        let successor = try ring.rotate(overlap: .zero, now: now)
        #expect(successor.algorithm.rawValue == algorithm.rawValue)
        #expect(successor.canSign)
        #expect(successor.kid.hasSuffix(successor.fingerprint))
    }

    @Test("the next key that has waited longest is promoted before one is generated")
    func promotion() throws {
        var ring = try ring(("a", .active), ("b", .next))
        let promoted = try ring.rotate(overlap: .seconds(1), now: now)
        #expect(promoted.kid == "b")
        #expect(ring[kid: "b"]?.state == .active)
        #expect(ring.keys.count == 2)
    }

    @Test("a key from outside becomes active")
    func outside() throws {
        var ring = try ring(("a", .active), ("b", .next))
        let key = RingKey.generate(.edDSA, kid: "c", createdAt: now)
        try ring.rotate(to: key, overlap: .zero, now: now)
        #expect(ring.active?.kid == "c")
        #expect(ring[kid: "b"]?.state == .next)
    }

    @Test("a secret may change under one kid, and the ring tells both apart")
    func sameKid() throws {
        let old = try RingKey(hmacSecret: Fixture.randomSecret(55), kid: "web", state: .active, createdAt: now)
        let new = try RingKey(hmacSecret: Fixture.randomSecret(33), kid: "web", state: .next, createdAt: now)
        var ring = try KeyRing([old])
        try ring.rotate(to: new, overlap: .zero, now: now)
        #expect(ring.keys(kid: "web").map(\.fingerprint) == [new.fingerprint, old.fingerprint])
        #expect(ring.keys(kid: "web").map(\.state) == [.active, .retired(at: now)])
    }

    @Test(
        "a key that is not next cannot come back",
        arguments: [
            KeyState.active, .verifying(until: later), .retired(at: now),
        ])
    func noReturn(_ state: KeyState) throws {
        let key = Fixture.key(.hs256, "x", state)
        var ring = try KeyRing(state == .active ? [key] : [Fixture.key(.es256, "a", .active), key])
        let error = #expect(throws: KeyError.self) { try ring.rotate(to: key, overlap: .zero, now: now) }
        #expect(error?.code == .illegalTransition)
        #expect(ring.active != nil, "a refused rotation changes nothing")
    }

    @Test("a rotation needs something to rotate to, and an overlap that is not negative")
    func refusedRotations() throws {
        var empty = KeyRing()
        #expect(throws: KeyError.self) { try empty.rotate(overlap: .zero, now: now) }
        var ring = try ring(("a", .active))
        #expect(throws: KeyError.self) { try ring.rotate(overlap: .seconds(-1), now: now) }
        let publicOnly = try KeyRing(jwks: try KeyRing([Fixture.key(.es256, "p", .active)]).jwks, createdAt: now)
        let error = #expect(throws: KeyError.self) {
            try ring.rotate(to: publicOnly.keys[0], overlap: .zero, now: now)
        }
        #expect(error?.code == .cannotSign)
        #expect(ring.active?.kid == "a")
    }

    @Test("an empty ring rotates to a key that is given to it")
    func first() throws {
        var ring = KeyRing()
        try ring.rotate(to: RingKey.generate(.es256, kid: "a", createdAt: now), overlap: .zero, now: now)
        #expect(ring.active?.kid == "a")
    }

    @Test("retiring works on next and verifying keys", arguments: [KeyState.next, .verifying(until: later)])
    func retire(_ state: KeyState) throws {
        var ring = try ring(("a", .active), ("b", state))
        try ring.retire(kid: "b", now: now)
        #expect(ring[kid: "b"]?.state == .retired(at: now))
    }

    @Test("retiring the active, a retired or an unknown key is refused with what to do")
    func refusedRetirement() throws {
        var ring = try ring(("a", .active), ("b", .retired(at: now)))
        #expect(throws: KeyError.self) { try ring.retire(kid: "a", now: now) }
        #expect(throws: KeyError.self) { try ring.retire(kid: "b", now: now) }
        let error = #expect(throws: KeyError.self) { try ring.retire(kid: "c", now: now) }
        #expect(error?.message == #"the ring holds no key "c"; it holds "a", "b""#)
    }

    @Test("settling retires what has verified long enough, as of the date that was set")
    func settle() throws {
        var ring = try ring(("a", .active), ("b", .verifying(until: now)), ("c", .verifying(until: later)))
        ring.settle(now: now)
        #expect(ring.keys.map(\.state) == [.active, .retired(at: now), .verifying(until: later)])
        ring.settle(now: NumericDate(later.seconds + 50))
        #expect(ring[kid: "c"]?.state == .retired(at: later))
    }

    @Test("one active key at most, and no key twice")
    func additions() throws {
        var ring = try ring(("a", .active))
        let second = #expect(throws: KeyError.self) { try ring.add(Fixture.key(.es256, "b", .active)) }
        #expect(second?.code == .illegalTransition)
        let twice = #expect(throws: KeyError.self) { try ring.add(ring.keys[0]) }
        #expect(twice?.code == .duplicate)
    }

    @Test("the 32 newest retired keys are remembered, older ones forgotten")
    func retiredBound() throws {
        var ring = try ring(("a", .active))
        for index in 0..<40 {
            try ring.rotate(overlap: .zero, now: NumericDate(now.seconds + Double(index)))
        }
        #expect(ring.keys.count(where: \.state.isRetired) == KeyRing.maximumRetiredKeys)
        #expect(ring[kid: "a"] == nil)
        #expect(ring.active != nil)
    }

    @Test("a ring holds 64 keys and refuses the next")
    func bound() throws {
        var ring = KeyRing()
        for index in 0..<KeyRing.maximumKeys { try ring.add(Fixture.key(.hs256, "\(index)", .next)) }
        let error = #expect(throws: KeyError.self) { try ring.add(Fixture.key(.hs256, "more", .next)) }
        #expect(error?.code == .tooMany)
        #expect(ring.keys.count == KeyRing.maximumKeys)
    }

    @Test("names are compared by bytes")
    func bytes() throws {
        let ring = try ring(("caf\u{E9}", .active), ("cafe\u{301}", .next))
        #expect(ring[kid: "cafe\u{301}"]?.state == .next)
        #expect(ring[kid: "CAF\u{E9}"] == nil)
    }
}

@Suite("A key set publishes public keys only")
struct JWKSTests {
    @Test("secrets, private halves and retired keys are not in it")
    func export() throws {
        let fixture = Fixture()
        let jwks = try fixture.ring.jwks
        let keys = try #require(jwks["keys"]?.array)
        #expect(keys.compactMap { $0["kid"]?.string } == ["ec-1", "ed-1", "ed-0", "caf\u{E9}"])
        #expect(keys.allSatisfy { $0["d"] == nil && $0["k"] == nil && $0["use"] == "sig" })
        #expect(keys[0]["alg"] == "ES256" && keys[0]["kty"] == "EC" && keys[0]["crv"] == "P-256")
        #expect(keys[1]["alg"] == "EdDSA" && keys[1]["kty"] == "OKP" && keys[1]["crv"] == "Ed25519")
    }

    @Test("what one side publishes the other verifies with")
    func roundTrip() throws {
        let fixture = Fixture()
        let imported = try KeyRing(jwks: try fixture.ring.jwks, createdAt: Fixture.now)
        let issuer = TrustedIssuer(
            name: "x", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(imported))
        let verifier = TokenVerifier(issuers: [issuer], clock: fixture.clock)
        #expect(throws: Never.self) { try verifier.verify(try fixture.token()).get() }
        #expect(throws: Never.self) { try verifier.verify(try fixture.token(key: fixture.next)).get() }
        #expect(imported.active == nil && imported.keys.allSatisfy { !$0.canSign })
    }

    @Test(
        "keys of other kinds and uses are left out; broken ones are refused",
        arguments: [
            (#"{"keys":[]}"#, KeyError.Code.unsupported), (#"{}"#, .corrupted), (#"[]"#, .corrupted),
            (#"{"keys":[1]}"#, .corrupted), (#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}"#, .unsupported),
            (#"{"keys":[{"kty":"OKP","crv":"X25519","x":"AA"}]}"#, .unsupported),
            (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#, .corrupted),
            (#"{"keys":[{"kty":"OKP","crv":"Ed25519"}]}"#, .corrupted),
            (#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, .corrupted),
            (#"{"keys":[{"kty":"oct","k":"c2hvcnQ"}]}"#, .shortSecret),
        ])
    func refused(_ text: String, code: KeyError.Code) throws {
        let error = #expect(throws: KeyError.self) {
            try KeyRing(jwks: try JSONValue(parsing: text), createdAt: Fixture.now)
        }
        #expect(error?.code == code, "\(String(describing: error))")
    }

    @Test(
        "a point off the curve, a foreign alg and a key for encryption are refused",
        arguments: [
            ("y", "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgnw"), ("alg", "ES512"), ("use", "enc"), ("crv", "P-384"),
        ])
    func broken(_ member: String, value: String) throws {
        var jwk = try #require(Fixture.key(.es256, "k", .next).material.publicJWK)
        jwk[member] = .string(value)
        #expect(throws: KeyError.self) { try keyMaterial(jwk: jwk) }
    }

    @Test("a private half that is another key's is refused", arguments: [SigningAlgorithm.es256, .edDSA])
    func mixed(_ algorithm: SigningAlgorithm) throws {
        var jwk = Fixture.key(algorithm, "k", .next).material.jwk
        jwk["d"] = Fixture.key(algorithm, "k", .next).material.jwk["d"]
        #expect(throws: KeyError.self) { try keyMaterial(jwk: jwk) }
    }
}
