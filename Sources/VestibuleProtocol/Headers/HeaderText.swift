/// How any text travels in the headers that mirror a request's body: `Mcp-Name` and `Mcp-Param-…` (MCP 2026-07-28,
/// Streamable HTTP: Value Encoding).
///
/// Printable ASCII goes as it is. Anything else, and what begins or ends with white space or looks like an encoded value
/// already, goes as the base64 of its UTF-8 between `=?base64?` and `?=`.
public enum HeaderText {
    private static let opening = "=?base64?"
    private static let closing = "?="

    /// The text as a header's value.
    public static func encode(_ text: String) -> String {
        let bytes = text.utf8
        let isPlain =
            bytes.allSatisfy { (0x20...0x7E).contains($0) } && bytes.first != 0x20 && bytes.last != 0x20
            && payload(of: bytes[...]) == nil
        return isPlain ? text : opening + Base64.encode(Array(bytes)) + closing
    }

    /// The text that a header's value stands for; `nil` where the value has characters that it may not have, or is marked
    /// as base64 and is not the base64 of UTF-8. White space around it does not count (RFC 9110 §5.5).
    public static func decode(_ value: String) -> String? {
        let bytes = trimmed(value.utf8[...])
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        guard let payload = payload(of: bytes) else { return String(Substring(bytes)) }
        return Base64.decode(String(Substring(payload))).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// What stands between the marks; `nil` where there are none, which are compared with their case.
    private static func payload(of bytes: Substring.UTF8View) -> Substring.UTF8View? {
        guard bytes.count >= opening.utf8.count + closing.utf8.count, bytes.starts(with: opening.utf8),
            bytes.suffix(closing.utf8.count).elementsEqual(closing.utf8)
        else { return nil }
        return bytes.dropFirst(opening.utf8.count).dropLast(closing.utf8.count)
    }

    private static func trimmed(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
        var bytes = bytes
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
        return bytes
    }
}
