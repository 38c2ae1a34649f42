extension UTCTime {
    /// The moment that an RFC 3339 time names, to the second and with any offset; `nil` where the text is none.
    package static func date(rfc3339 text: String) -> NumericDate? {
        var bytes = text.utf8[...]
        func number(_ width: Int) -> Int? {
            guard bytes.count >= width else { return nil }
            var value = 0
            for byte in bytes.prefix(width) {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte) - 0x30
            }
            bytes = bytes.dropFirst(width)
            return value
        }
        func skip(_ characters: StaticString) -> Bool {
            guard let byte = bytes.first else { return false }
            let isOne = characters.withUTF8Buffer { $0.contains(byte) }
            if isOne { bytes = bytes.dropFirst() }
            return isOne
        }
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt "),
            let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2)
        else { return nil }
        if skip(".") {
            let digits = bytes.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            bytes = bytes.dropFirst(digits.count)
        }
        var offset = 0
        if !skip("Zz") {
            let isWest = bytes.first == 0x2D
            guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
        }
        guard bytes.isEmpty else { return nil }
        let time = UTCTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        return time.numericDate.map { NumericDate($0.seconds - Double(offset)) }
    }
}
