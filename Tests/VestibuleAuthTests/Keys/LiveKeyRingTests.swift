import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A live key ring follows its file")
struct LiveKeyRingTests {
    let directory: TemporaryDirectory
    let file: KeyRingFile
    let fixture = Fixture()
    let live: LiveKeyRing

    init() throws {
        directory = try TemporaryDirectory()
        file = KeyRingFile(path: directory.file("keys.json"))
        try file.save(try KeyRing([fixture.active]))
        live = try LiveKeyRing(file: file, clock: fixture.clock)
    }

    private func rotate(_ key: RingKey) throws {
        try file.update { (ring: inout KeyRing) throws(KeyError) in
            try ring.rotate(to: key, overlap: .zero, now: fixture.clock.now())
        }
    }

    private func verifier(cacheSize: Int = 64) -> TokenVerifier {
        TokenVerifier(
            issuers: [
                TrustedIssuer(name: "own", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .live(live))
            ], clock: fixture.clock, cacheSize: cacheSize)
    }

    @Test("a change is seen once 100 ms have passed, not before, and changes the generation")
    func interval() throws {
        let generation = live.generation
        try rotate(RingKey.generate(.es256, kid: "ec-2", createdAt: Fixture.now))
        fixture.clock.advance(0.099)
        #expect(live.current().active?.kid == "ec-1")
        fixture.clock.advance(0.001)
        #expect(live.current().active?.kid == "ec-2")
        #expect(live.generation == generation + 1)
    }

    @Test("a clock that was set back does not keep the old ring")
    func clockSetBack() throws {
        try rotate(RingKey.generate(.es256, kid: "ec-2", createdAt: Fixture.now))
        fixture.clock.advance(-3600)
        #expect(live.current().active?.kid == "ec-2")
    }

    @Test("an untouched file keeps its generation")
    func untouched() {
        let generation = live.generation
        fixture.clock.advance(10)
        #expect(live.generation == generation)
        #expect(live.problem == nil)
    }

    @Test("a token of a key that is a moment old is accepted at once")
    func unknownKid() throws {
        let key = RingKey.generate(.es256, kid: "ec-2", createdAt: Fixture.now)
        try rotate(key)
        #expect(throws: Never.self) { try verifier().verify(try fixture.token(key: key)).get() }
    }

    @Test("a token that was refused for its key is accepted as soon as the ring has it")
    func refusedThenKnown() throws {
        let key = RingKey.generate(.es256, kid: "ec-2", createdAt: Fixture.now)
        let token = try fixture.token(key: key)
        let verifier = verifier()
        for _ in 0..<2 {
            #expect(throws: Rejection.self) { try verifier.verify(token).get() }
        }
        try rotate(key)
        #expect(throws: Never.self) { try verifier.verify(token).get() }
    }

    @Test("a token of a new secret under the same kid is accepted at once")
    func sameKid() throws {
        let old = fixture.key(hmac: Fixture.randomSecret(55), kid: "web")
        let new = fixture.key(hmac: Fixture.randomSecret(33), kid: "web")
        try rotate(old)
        #expect(live.refreshed().active?.kid == "web")
        try file.save(KeyRing([new]))
        #expect(throws: Never.self) { try verifier().verify(try fixture.token(key: new)).get() }
    }

    @Test("a remembered token is refused as soon as its key's retirement is seen")
    func cacheAfterRotation() throws {
        let verifier = verifier()
        let token = try fixture.token()
        #expect(throws: Never.self) { try verifier.verify(token).get() }
        #expect(verifier.cache.count == 1)
        try rotate(RingKey.generate(.es256, kid: "ec-2", createdAt: Fixture.now))
        fixture.clock.advance(0.1)
        guard case .failure(let rejection) = verifier.verify(token) else {
            Issue.record("a token of a retired key was accepted from the cache")
            return
        }
        #expect(rejection.reason == .keyRetired)
        #expect(rejection.detail.contains("\"ec-2\""))
        #expect(verifier.cache.count == 0)
    }

    enum Damage: CaseIterable { case missing, garbage, mode }

    @Test(
        "a file that turns bad leaves the last good ring and names the problem until it is mended",
        arguments: Damage.allCases)
    func damage(_ damage: Damage) throws {
        switch damage {
        case .missing: try FileManager.default.removeItem(atPath: file.path)
        case .garbage: _ = try directory.write(Array("{".utf8), to: "keys.json")
        case .mode: try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        }
        fixture.clock.advance(1)
        #expect(live.current().active?.kid == "ec-1")
        let code = live.problem?.code
        #expect(code == [.missing: .missingFile, .garbage: .corrupted, .mode: .insecurePermissions][damage])
        try file.save(KeyRing([RingKey.generate(.es256, kid: "mended", createdAt: Fixture.now)]))
        fixture.clock.advance(1)
        #expect(live.current()[kid: "mended"] != nil)
        #expect(live.problem == nil)
    }

    @Test("a bad file to begin with is an error")
    func badStart() throws {
        #expect(throws: KeyError.self) {
            try LiveKeyRing(file: KeyRingFile(path: directory.file("none")), clock: fixture.clock)
        }
    }

    @Test("a ring in memory changes when it is told to, at once, and stays as it was where the change fails")
    func inMemory() throws {
        let live = LiveKeyRing(ring: try KeyRing([fixture.active]), clock: fixture.clock)
        let generation = live.generation
        let next = RingKey.generate(.es256, kid: "ec-2", createdAt: Fixture.now)
        try live.update { (ring: inout KeyRing) throws(KeyError) in
            try ring.rotate(to: next, overlap: .zero, now: Fixture.now)
        }
        #expect(live.current().active?.kid == "ec-2" && live.generation == generation + 1)
        #expect(throws: KeyError.self) {
            try live.update { (ring: inout KeyRing) throws(KeyError) in
                ring = KeyRing()
                try ring.rotate(overlap: .zero, now: Fixture.now)
            }
        }
        fixture.clock.advance(10)
        #expect(live.current().active?.kid == "ec-2" && live.generation == generation + 1 && live.problem == nil)
    }
}
