import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A flood of tokens takes nobody else's place among the remembered ones")
struct TokenFloodTests {
    private func digest(_ number: Int) -> TokenDigest { TokenDigest("token-\(number)") }

    @Test("an owner with any number of tokens has a quarter of a generation, and the others keep theirs")
    func share() {
        let cache = TokenCache<Int>(size: 64)
        for owner in 1...20 { cache.insert(owner, for: digest(owner), owner: owner) }
        for number in 1000..<3000 {
            cache.insert(0, for: digest(number), owner: 0)
            #expect(cache.count <= 20 + 8)
        }
        for owner in 1...20 { #expect(cache[digest(owner)] == owner) }
        for number in 2992..<3000 { #expect(cache[digest(number)] == 0, "the latest ones of the flood are there") }
    }

    @Test("a flood by many owners is bounded by the size, and tokens in use outlast it")
    func manyOwners() {
        let cache = TokenCache<Int>(size: 64)
        cache.insert(1, for: digest(1), owner: 1)
        for number in 1000..<3000 {
            cache.insert(0, for: digest(number), owner: number)
            #expect(cache[digest(1)] == 1)
            #expect(cache.count <= 64)
        }
    }

    @Test("of its own tokens an owner keeps the one in use")
    func inUse() {
        let cache = TokenCache<Int>(size: 64)
        for number in 0..<500 {
            cache.insert(number, for: digest(number), owner: 7)
            #expect(cache[digest(0)] == 0)
        }
        #expect(cache.count == 8)
    }

    @Test("large tokens weigh more, and one that outweighs the share is not remembered")
    func weight() {
        let cache = TokenCache<Int>(size: 64)
        for number in 0..<100 { cache.insert(number, for: digest(number), owner: number, length: 8 * 1024) }
        #expect(cache.count <= 8)
        cache.insert(1, for: digest(1000), owner: 1000, length: 8 * 1024 + 1)
        #expect(cache[digest(1000)] == nil)
    }

    @Test("a token that is removed and comes again, any number of times, takes one place")
    func again() {
        let cache = TokenCache<Int>(size: 64)
        for number in 0..<1000 {
            cache.insert(number, for: digest(1), owner: 1)
            cache.insert(number, for: digest(2), owner: 1)
            if number % 3 == 0 { cache.remove(digest(1)) }
        }
        #expect(cache[digest(1)] == nil)
        #expect(cache[digest(2)] == 999)
        #expect(cache.count == 1)
    }

    private let fixture = Fixture()

    private func reason(_ verifier: TokenVerifier, _ token: String) -> Reason? {
        if case .failure(let rejection) = verifier.verify(token) { rejection.reason } else { nil }
    }

    @Test("a subject that shows one token after the other displaces no other subject's")
    func subjects() throws {
        let verifier = try fixture.verifier(cacheSize: 64)
        let others = try (0..<16).map { try fixture.token(["sub": .string("user-\($0)")]) }
        for token in others { #expect(reason(verifier, token) == nil) }
        for index in 0..<300 {
            #expect(reason(verifier, try fixture.token(["sub": "mallory", "jti": .integer(index)])) == nil)
        }
        for token in others { #expect(verifier.cache[TokenDigest(token)] != nil) }
        #expect(verifier.cache.count <= 16 + 8)
    }

    @Test("forged tokens never reach the tokens that are remembered as good, whatever subject they name")
    func forged() throws {
        let verifier = try fixture.verifier(cacheSize: 64)
        let good = try fixture.token()
        #expect(reason(verifier, good) == nil)
        for index in 0..<300 {
            let token = try fixture.token(
                ["jti": .integer(index)], key: RingKey.generate(.es256, kid: "ec-1", createdAt: Fixture.now))
            #expect(reason(verifier, token) == .signatureInvalid)
            #expect(verifier.refusals.count <= 16)
        }
        #expect(verifier.cache.count == 1 && verifier.cache[TokenDigest(good)] != nil)
    }

    @Test("a remembered token is good up to the instant of its exp and the leeway, and no longer")
    func expiryInstant() throws {
        let verifier = try fixture.verifier(cacheSize: 16)
        let token = try fixture.token()
        #expect(reason(verifier, token) == nil)
        fixture.clock.advance(304.5)
        #expect(reason(verifier, token) == nil)
        fixture.clock.advance(0.5)
        #expect(reason(verifier, token) == .tokenExpired)
    }
}
