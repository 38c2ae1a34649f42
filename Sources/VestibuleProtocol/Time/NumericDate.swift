#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Seconds since 1970-01-01T00:00:00Z, leap seconds ignored (RFC 7519 §2).
public struct NumericDate: Sendable, Hashable, Comparable {
    public var seconds: Double

    public init(_ seconds: Double) {
        self.seconds = seconds
    }

    public static func < (left: NumericDate, right: NumericDate) -> Bool { left.seconds < right.seconds }

    public static func + (date: NumericDate, duration: Duration) -> NumericDate {
        NumericDate(date.seconds + duration.inSeconds)
    }

    public static func - (date: NumericDate, duration: Duration) -> NumericDate {
        NumericDate(date.seconds - duration.inSeconds)
    }

    /// How much later the left date is than the right one, in seconds.
    public static func - (left: NumericDate, right: NumericDate) -> Double {
        left.seconds - right.seconds
    }
}

extension NumericDate: CustomStringConvertible {
    /// The date in UTC to the second (RFC 3339), or the bare number where it lies outside the years 1 to 9999.
    public var description: String {
        UTCTime(self)?.description ?? "\(seconds)"
    }
}

extension Duration {
    /// The duration in milliseconds, cut to whole ones; the largest `Int` where it is longer than that.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard let seconds = Int(exactly: seconds) else { return Int.max }
        let (thousands, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? Int.max : thousands + Int(attoseconds / 1_000_000_000_000_000)
    }

    /// The duration as a number of seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

/// A wall clock that can be replaced in tests.
public protocol WallClock: Sendable {
    /// The time of day, as this machine believes it to be.
    func now() -> NumericDate
    /// Waits, by a monotonic clock.
    ///
    /// - Throws: `CancellationError` where the task is cancelled first.
    func sleep(for duration: Duration) async throws
}

/// The clock of this machine.
public struct SystemClock: WallClock {
    public init() {}

    public func now() -> NumericDate {
        NumericDate(Date().timeIntervalSince1970)
    }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
