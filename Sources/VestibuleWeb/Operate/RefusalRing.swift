internal import VestibuleProtocol

/// Requests and refusals in buckets of five minutes, for six hours: each bucket is counted anew when its time comes
/// round again.
struct RefusalRing: Sendable {
    struct Bucket: Sendable, Hashable {
        /// When it began: a multiple of its length, in seconds since 1970.
        var at: Int
        var requests = 0
        var reasons: [Reason: Int] = [:]
    }

    private var ring: [Bucket] = Array(repeating: Bucket(at: .min), count: Telemetry.bucketCount)

    /// - Parameter reason: why the request was refused; `nil` where it was not.
    mutating func count(_ reason: Reason?, at now: NumericDate) {
        let number = Self.number(of: now)
        let place = Self.place(of: number)
        let begin = number * Telemetry.bucketSeconds
        if ring[place].at != begin { ring[place] = Bucket(at: begin) }
        ring[place].requests += 1
        if let reason { ring[place].reasons[reason, default: 0] += 1 }
    }

    /// All buckets of the last hours, also the empty ones, in their order.
    func buckets(at now: NumericDate) -> [Bucket] {
        let last = Self.number(of: now)
        return (last - Telemetry.bucketCount + 1...last)
            .map { number in
                let begin = number * Telemetry.bucketSeconds
                let bucket = ring[Self.place(of: number)]
                return bucket.at == begin ? bucket : Bucket(at: begin)
            }
    }

    private static func number(of date: NumericDate) -> Int {
        // Far from any date that a clock could show, and far from where a product would overflow.
        let seconds = max(-1e15, min(1e15, date.seconds))
        return Int((seconds / Double(Telemetry.bucketSeconds)).rounded(.down))
    }

    private static func place(of number: Int) -> Int {
        let rest = number % Telemetry.bucketCount
        return rest < 0 ? rest + Telemetry.bucketCount : rest
    }
}
