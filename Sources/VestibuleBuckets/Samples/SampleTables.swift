/// Numbers that look measured and are the same every time.
enum SampleTables {
    /// A linear congruential generator (Numerical Recipes), good enough to look irregular.
    private struct Series {
        var state: UInt32

        mutating func next(below bound: Int) -> Int {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int(state >> 8) % bound
        }
    }

    static func sales(month: Int) -> String {
        let products = [("rye bread", 420), ("cinnamon roll", 65), ("croissant", 180), ("stollen", 1250)]
        var series = Series(state: UInt32(month))
        var lines = ["date,product,pieces,unit_price_eur,total_eur"]
        let year = month < 6 ? 2026 : 2025
        for day in 1...28 {
            for (product, cents) in products where product != "stollen" || month > 10 {
                let pieces = 5 + series.next(below: 40)
                let date = "\(year)-\(twoDigits(month))-\(twoDigits(day))"
                lines.append("\(date),\(product),\(pieces),\(euro(cents)),\(euro(cents * pieces))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func weather(seed: UInt32) -> String {
        var series = Series(state: seed)
        var tenths = 10 + series.next(below: 30)
        var lines = ["hour_utc,temperature_c,humidity_percent,rain_mm"]
        for hour in 0..<24 {
            tenths += series.next(below: 13) - (hour < 14 ? 4 : 8)
            let rain = series.next(below: 5) == 0 ? series.next(below: 30) : 0
            lines.append("\(twoDigits(hour)),\(decimal(tenths)),\(60 + series.next(below: 40)),\(decimal(rain))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static var ovenLog: String {
        var series = Series(state: 42)
        return (0..<40)
            .map { minute in
                let celsius = 180 + minute + series.next(below: 6)
                return #"{"at":"2026-01-05T05:\#(twoDigits(minute)):00Z","oven":2,"celsius":\#(celsius),"door":"shut"}"#
            }
            .joined(separator: "\n") + "\n"
    }

    static func noise(count: Int) -> [UInt8] {
        var series = Series(state: 7)
        return (0..<count).map { _ in UInt8(series.next(below: 256)) }
    }

    /// Hectopascals as little-endian IEEE 754 single precision.
    static var pressure: [UInt8] {
        var series = Series(state: 1013)
        return (0..<256)
            .flatMap { _ in
                let bits = (1000 + Float(series.next(below: 300)) / 10).bitPattern
                return [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> UInt32($0)) }
            }
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static func euro(_ cents: Int) -> String {
        "\(cents / 100).\(twoDigits(cents % 100))"
    }

    private static func decimal(_ tenths: Int) -> String {
        "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}
