internal import VestibuleProtocol

/// A length of time as people say it: `0.4 s`, `12 s`, `4 min 10 s`, `3 h 20 min`, `90 days`.
struct SpokenDuration: CustomStringConvertible {
    let seconds: Double

    init(_ seconds: Double) {
        self.seconds = seconds.magnitude
    }

    init(_ duration: Duration) {
        self.init(duration.inSeconds)
    }

    var description: String {
        guard seconds < 1e15 else { return "\(seconds) s" }
        if seconds < 10 {
            let tenths = Int((seconds * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
        }
        let whole = Int(seconds)
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return pair(whole / 60, "min", whole % 60, "s")
        case ..<172_800: return pair(whole / 3600, "h", whole % 3600 / 60, "min")
        default: return "\(whole / 86_400) days"
        }
    }

    private func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }
}
