import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Documents that somebody else publishes")
struct DocumentCacheTests {
    private typealias Cache = DocumentCache<Int, IssuerFailure>
    private let now = NumericDate(1_700_000_000)

    @Test(
        "Cache-Control counts within bounds",
        arguments: [
            (nil, 600.0), ("max-age=3600", 3600), ("public, max-age=\"120\"", 120), ("max-age=1", 60),
            ("no-store", 60), ("no-cache, max-age=900", 60), ("max-age=999999999", 3600), ("max-age=x", 600),
            ("private", 600), ("max-age=nan", 600), ("max-age=-1", 600),
        ] as [(String?, Double)])
    func freshness(_ field: String?, expected: Double) {
        var cache = Cache()
        let held = cache.store(1, maximumAge: maximumAge(ofCacheControl: field), at: now)
        #expect(held.freshUntil - now == expected)
    }

    @Test("a clock that is set back makes nothing fresh for ever")
    func clockSetBack() {
        var cache = Cache()
        cache.store(1, maximumAge: nil, at: now)
        #expect(cache.settled(at: NumericDate(1_600_000_000)) == nil)
        #expect(cache.untilNextTurn(at: NumericDate(1_600_000_000)) == 0)
        cache.fail(IssuerFailure("gone"), at: now)
        #expect(cache.backingOff(at: NumericDate(1_600_000_000)) == 0)
    }

    @Test("it is fetched again before its time is over, not by all servers at once", arguments: [0.0, 0.5, 1.0])
    func refresh(_ chance: Double) {
        var cache = Cache()
        #expect(cache.untilNextTurn(at: now) == 0, "at once, where there is none")
        cache.store(1, maximumAge: 1000, at: now, chance: chance)
        #expect(cache.untilNextTurn(at: now) == 700 + 100 * chance)
        #expect(cache.untilNextTurn(at: now + .seconds(2000)) == 0)
    }

    @Test("after a failure the next try comes later and later, within bounds, and at random")
    func backOff() {
        var cache = Cache()
        var waits: [ClosedRange<Double>] = []
        for _ in 0..<100 {
            var other = cache
            other.fail(IssuerFailure("gone"), at: now, chance: 0)
            cache.fail(IssuerFailure("gone"), at: now, chance: 1)
            waits.append(other.backingOff(at: now)...cache.backingOff(at: now))
        }
        #expect(waits.prefix(4) == [2.5...5, 5...10, 10...20, 15...30])
        #expect(waits.dropFirst(4).allSatisfy { $0 == 15...30 })
        cache.store(1, maximumAge: nil, at: now)
        #expect(cache.backingOff(at: now) == 0)
    }

    @Test("what cannot be fetched anew serves a day longer, and not without a try")
    func staleness() {
        var cache = Cache()
        cache.store(1, maximumAge: 600, at: now)
        let later = now + .seconds(601)
        #expect(cache.settled(at: later) == nil && cache.usable(at: later) == nil)
        cache.fail(IssuerFailure("gone"), at: later)
        #expect(cache.usable(at: later)?.value == 1)
        #expect(cache.usable(at: now + .seconds(600 + 86_400))?.value == 1)
        #expect(cache.usable(at: now + .seconds(600 + 86_401)) == nil)
    }
}

private func == <Value: Equatable>(
    left: Result<DocumentCache<Value, IssuerFailure>.Held, IssuerFailure>?, right: Value?
) -> Bool {
    (try? left?.get())?.value == right
}
