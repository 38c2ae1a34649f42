extension Sequence<UInt8> {
    /// The bytes as lower-case hexadecimal digits.
    package var hexadecimal: String {
        let digits = StaticString("0123456789abcdef")
        return String(
            decoding: flatMap { [digits.utf8Start[Int($0 >> 4)], digits.utf8Start[Int($0 & 0xF)]] }, as: UTF8.self)
    }
}
