internal import VestibuleProtocol

/// Durations as people write them: `500ms`, `30s`, `5m`, `1h`, `1h30m`, `7d`.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// What a JSON Schema says about the same texts.
    static let pattern = "^([0-9]{1,9}(ms|s|m|h|d))+$"

    /// The duration, or `nil` where the text is none: every number needs its unit.
    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var total = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard (1...9).contains(digits.utf8.count), let number = Int(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let suffix = rest.prefix { $0.isASCII && $0.isLetter }
            guard let unit = units.first(where: { $0.suffix == suffix }) else { return nil }
            rest = rest.dropFirst(suffix.count)
            let (product, productOverflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, sumOverflow) = total.addingReportingOverflow(product)
            guard !productOverflow, !sumOverflow else { return nil }
            total = sum
        }
        return .milliseconds(total)
    }

    /// The shortest text that is read as the same duration, to the millisecond.
    static func format(_ duration: Duration) -> String {
        let milliseconds = Int((duration.inSeconds * 1000).rounded())
        guard milliseconds > 0 else { return "0s" }
        var rest = milliseconds
        var text = ""
        for unit in units.reversed() where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.suffix)"
            rest %= unit.milliseconds
        }
        return text
    }
}

/// Sizes in bytes as people write them: `512`, `32KiB`, `4MiB`, `1GB`.
enum SizeText {
    private static let units: [(suffix: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000),
        ("KB", 1000), ("B", 1),
    ]

    /// What a JSON Schema says about the same texts.
    static let pattern = "^[0-9]{1,12}(B|kB|KB|MB|GB|KiB|MiB|GiB)?$"

    static func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...12).contains(digits.utf8.count), let number = Int(digits) else { return nil }
        let suffix = text.dropFirst(digits.count)
        guard let unit = suffix.isEmpty ? 1 : units.first(where: { $0.suffix == suffix })?.bytes else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : bytes
    }

    static func format(_ bytes: Int) -> String {
        for unit in units.prefix(3) where bytes >= unit.bytes && bytes.isMultiple(of: unit.bytes) {
            return "\(bytes / unit.bytes)\(unit.suffix)"
        }
        return String(bytes)
    }
}
