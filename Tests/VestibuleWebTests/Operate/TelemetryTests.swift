import Testing
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("What the operator's page counts")
struct TelemetryTests {
    /// The begin of a bucket.
    private let clock = FakeClock(NumericDate(1_800_000_000))

    @Test("refusals are counted by reason in buckets of five minutes, all requests beside them")
    func buckets() {
        let telemetry = Telemetry(clock: clock)
        telemetry.observe(.admitted)
        telemetry.observe(.refused(.keyRetired))
        clock.advance(by: .seconds(299))
        telemetry.observe(.refused(.keyRetired))
        clock.advance(by: .seconds(1))
        telemetry.observe(.refused(.tokenMissing, token: false))
        telemetry.observe(.refused(.tokenExpired, verdict: .admitted))
        let buckets = telemetry.buckets(at: clock.now())
        #expect(buckets.count == 72 && buckets.map(\.at) == buckets.map(\.at).sorted())
        #expect(
            buckets.suffix(2) == [
                .init(at: 1_800_000_000, requests: 3, reasons: [.keyRetired: 2]),
                .init(at: 1_800_000_300, requests: 2, reasons: [.tokenMissing: 1]),
            ])
        #expect(buckets.dropLast(2).allSatisfy { $0.requests == 0 })
    }

    @Test("after six hours a bucket has gone, and its place is counted anew")
    func wrapping() {
        let telemetry = Telemetry(clock: clock)
        telemetry.observe(.refused(.keyRetired))
        clock.advance(by: .seconds(6 * 3600 - 1))
        #expect(telemetry.buckets(at: clock.now()).first?.requests == 1)
        clock.advance(by: .seconds(1))
        #expect(telemetry.buckets(at: clock.now()).allSatisfy { $0.requests == 0 })
        telemetry.observe(.admitted)
        #expect(telemetry.buckets(at: clock.now()).last == .init(at: 1_800_021_600, requests: 1))
    }

    @Test("no date that a clock could show traps", arguments: [-1e300, -1e15, -1, 0, 1e15, 1e300])
    func dates(seconds: Double) {
        let telemetry = Telemetry(clock: FakeClock(NumericDate(seconds)))
        telemetry.observe(.refused(.keyRetired))
        #expect(telemetry.buckets(at: NumericDate(seconds)).last?.reasons == [.keyRetired: 1])
        #expect(telemetry.staleTokens(limit: 5, at: NumericDate(seconds)).count == 1)
    }

    @Test(
        "a token counts as stale where a refresh is the remedy, whether the request was refused or served as anonymous",
        arguments: Reason.allCases)
    func whatIsStale(reason: Reason) {
        let telemetry = Telemetry(clock: clock)
        telemetry.observe(.refused(reason))
        telemetry.observe(.refused(reason, verdict: .admitted))
        telemetry.observe(.refused(reason, token: false))
        let stale = telemetry.staleTokens(limit: 5, at: clock.now())
        #expect(stale.map(\.count) == (reason.remedy == .refresh ? [2] : []))
    }

    @Test("stale tokens are grouped by reason, key, client and browser, the one seen last first")
    func groups() throws {
        let telemetry = Telemetry(clock: clock)
        telemetry.observe(.refused(.keyRetired, client: "a", userAgent: "x"))
        clock.advance(by: .seconds(5))
        telemetry.observe(.refused(.keyRetired, client: "b", userAgent: "x"))
        clock.advance(by: .seconds(5))
        telemetry.observe(.refused(.keyRetired, client: "a", userAgent: "x"))
        telemetry.observe(.refused(.keyRetired, kid: nil, client: "a", userAgent: "y"))
        let stale = telemetry.staleTokens(limit: 2, at: clock.now())
        #expect(stale.map(\.group.userAgent?.text) == ["y", "x"] && stale.map(\.count) == [1, 2])
        let entry = try #require(stale.last)
        #expect(entry.lastSeen - entry.firstSeen == 10 && entry.age == .seconds(90))
        #expect(telemetry.staleTokens(limit: 50, at: clock.now()).count == 3)
    }

    @Test("at most 500 groups are kept: those go first that were quiet the longest; none outlives six hours")
    func bounds() {
        let telemetry = Telemetry(clock: clock)
        for number in 0..<2_000 {
            clock.advance(by: .milliseconds(10))
            telemetry.observe(.refused(.keyUnknown, kid: "k\(number)"))
        }
        let stale = telemetry.staleTokens(limit: .max, at: clock.now())
        #expect(stale.count <= Telemetry.maximumGroups && stale.count >= Telemetry.maximumGroups * 4 / 5)
        #expect(stale.map(\.group.keyID?.text) == (0..<stale.count).map { "k\(1_999 - $0)" })
        clock.advance(by: .seconds(6 * 3600 + 1))
        #expect(telemetry.staleTokens(limit: .max, at: clock.now()).isEmpty)
    }
}
