extension MetaKey {
    /// Whether a key of `_meta` is well-formed: an optional prefix of labels with dots between them and a `/`, then a name
    /// that may be empty where there is a prefix (MCP, Basic: `_meta`).
    public static func isValid(_ key: String) -> Bool {
        let parts = split(key)
        if let prefix = parts.prefix, !isPrefix(prefix) { return false }
        return isName(parts.name) || parts.name.isEmpty && parts.prefix != nil
    }

    /// Whether the key belongs to MCP itself in that revision.
    ///
    /// Since 2025-11-25 it is the second label that says so (`io.modelcontextprotocol/`, `dev.mcp/`); in 2025-06-18 it was
    /// the first of the last two (`modelcontextprotocol.io/`, `mcp.dev/`). The names of trace context have no prefix, and
    /// are reserved since 2026-07-28.
    public static func isReserved(_ key: String, in version: ProtocolVersion) -> Bool {
        let parts = split(key)
        guard let prefix = parts.prefix else {
            if key == progressToken { return true }
            return version >= .v2026_07_28 && [traceparent, tracestate, baggage].contains(key)
        }
        let labels = prefix.split(separator: 0x2E, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let owners = ["modelcontextprotocol", "mcp"]
        if version >= .v2025_11_25 { return labels.count > 1 && owners.contains(labels[1]) }
        guard version == .v2025_06_18, labels.count > 1 else { return false }
        return owners.contains(labels[labels.count - 2])
    }

    /// Whether the text can name an extension: a key with a prefix and a name (MCP 2026-07-28, Versioning: Extensions).
    public static func isExtensionIdentifier(_ text: String) -> Bool {
        let parts = split(text)
        return parts.prefix.map(isPrefix) ?? false && isName(parts.name)
    }

    /// Whether the text has the form of `traceparent` (W3C Trace Context §3.2): lower-case hexadecimal, no version `ff`,
    /// no ids of zeros alone.
    public static func isTraceparent(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16, parts[3].count == 2
        else { return false }
        let isHexadecimal = parts[0..<4]
            .allSatisfy { $0.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }
        let isVersion = !parts[0].elementsEqual("ff".utf8) && (parts.count == 4 || !parts[0].elementsEqual("00".utf8))
        return isHexadecimal && isVersion && parts[1...2].allSatisfy { $0.contains { $0 != 0x30 } }
    }

    private typealias Text = Substring.UTF8View

    private static func split(_ key: String) -> (prefix: Text?, name: Text) {
        let bytes = Substring(key).utf8
        guard let slash = bytes.firstIndex(of: 0x2F) else { return (nil, bytes) }
        return (bytes[..<slash], bytes[bytes.index(after: slash)...])
    }

    /// Labels begin with a letter, end with a letter or digit, and have hyphens inside.
    private static func isPrefix(_ prefix: Text) -> Bool {
        prefix.split(separator: 0x2E, omittingEmptySubsequences: false)
            .allSatisfy { label in
                guard let first = label.first, let last = label.last else { return false }
                return first.isLetter && (last.isLetter || last.isDigit)
                    && label.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2D }
            }
    }

    /// Begins and ends with a letter or digit, and has those, `-`, `_` and `.` inside.
    private static func isName(_ name: Text) -> Bool {
        guard let first = name.first, let last = name.last else { return false }
        return (first.isLetter || first.isDigit) && (last.isLetter || last.isDigit)
            && name.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    }
}

extension UInt8 {
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
}
