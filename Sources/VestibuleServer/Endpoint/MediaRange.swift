internal import VestibuleProtocol

/// `Content-Type` and `Accept`, as far as one media type goes (RFC 9110 §8.3, §12.5.1).
enum MediaRange {
    /// Whether the body is JSON in UTF-8 by its header. One field, and one only.
    static func isJSON(contentType values: [String]) -> Bool {
        guard values.count == 1, let value = values.first else { return false }
        if value.hasSameBytes(as: "application/json") { return true }
        let parts = value.utf8.split(separator: UInt8(ascii: ";")).map(normalised)
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst()
            .allSatisfy { parameter in
                !parameter.hasPrefix("charset=") || ["charset=utf-8", "charset=\"utf-8\""].contains(parameter)
            }
    }

    /// Whether JSON is acceptable: nothing was said, or something that includes it.
    static func acceptsJSON(_ values: [String]) -> Bool {
        accepts(["application/json", "application/*", "*/*"], values)
    }

    /// Whether a stream of events is acceptable: nothing was said, or something that includes it.
    static func acceptsEvents(_ values: [String]) -> Bool {
        accepts(["text/event-stream", "text/*", "*/*"], values)
    }

    private static func accepts(_ types: [String], _ values: [String]) -> Bool {
        // As MCP clients write it, in either order, and as those do that do not care.
        if values.count == 1, let value = values.first, usual.contains(where: value.hasSameBytes) { return true }
        if values.count == 1, let value = values.first, types.contains(where: value.hasSameBytes) { return true }
        let ranges = values.flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }
        if ranges.isEmpty { return true }
        return ranges.contains { range in
            let parts = range.split(separator: UInt8(ascii: ";")).map(normalised)
            guard let type = parts.first, types.contains(type) else {
                return false
            }
            return !parts.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
        }
    }

    private static let usual = [
        "application/json, text/event-stream", "text/event-stream, application/json", "*/*",
    ]

    private static func normalised(_ part: Substring.UTF8View) -> String {
        String(decoding: part.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self).asciiLowercased
    }
}
