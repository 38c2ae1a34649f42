import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("The published key set")
struct KeySetTests {
    private let clock = FakeClock(NumericDate(1_800_000_000))
    private let ring: LiveKeyRing

    init() throws {
        var ring = KeyRing()
        let now = clock.now()
        try ring.rotate(to: RingKey.generate(.es256, kid: "a", createdAt: now), overlap: .zero, now: now)
        try ring.add(RingKey.generate(.hs256, kid: "secret", createdAt: now))
        try ring.rotate(
            to: RingKey.generate(.edDSA, kid: "b", createdAt: now), overlap: .seconds(60),
            publishedFor: .seconds(120), now: now)
        self.ring = LiveKeyRing(ring: ring, clock: clock)
    }

    private func get(_ method: HTTPRequest.Method = .get, _ path: String = KeySetSite.path) async throws -> SiteReply {
        let part = KeySetSite(ring: ring, lifetime: .seconds(120), clock: clock)
        return try await Lobby(parts: [part]).send(method, path)
    }

    @Test("has the next key beside the active one, and no secret; readers are told for how long it is good")
    func published() async throws {
        let answer = try await get()
        #expect(answer.status == 200 && answer["Cache-Control"] == "public, max-age=120")
        #expect(answer["Content-Type"] == "application/jwk-set+json")
        #expect(answer["Access-Control-Allow-Origin"] == "*")
        let keys = answer.json?["keys"]?.array ?? []
        #expect(keys.compactMap { $0["kid"]?.string } == ["a", "b"])
        #expect(keys.allSatisfy { $0["d"] == nil && $0["k"] == nil })
    }

    @Test("a key whose overlap has ended is no longer in it")
    func retired() async throws {
        clock.advance(by: .seconds(180.5))
        #expect(try await get().json?["keys"]?.array?.compactMap { $0["kid"]?.string } == ["a", "b"])
        clock.advance(by: .seconds(0.5))
        #expect(try await get().json?["keys"]?.array?.compactMap { $0["kid"]?.string } == ["b"])
    }

    @Test("is read by GET and HEAD; a query does not matter")
    func methods() async throws {
        #expect(try await get(.head).status == 200)
        #expect(try await get(.get, KeySetSite.path + "?x").status == 200)
        let refused = try await get(.post)
        #expect(refused.status == 405 && refused["Allow"] == "GET, HEAD")
        #expect(try await get(.get, KeySetSite.path + "x").status == 0)
    }
}
