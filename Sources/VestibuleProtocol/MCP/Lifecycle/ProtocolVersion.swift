/// A revision of MCP.
public struct ProtocolVersion: Sendable, Hashable, RawRepresentable, Comparable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let v2025_03_26 = ProtocolVersion(rawValue: "2025-03-26")
    public static let v2025_06_18 = ProtocolVersion(rawValue: "2025-06-18")
    public static let v2025_11_25 = ProtocolVersion(rawValue: "2025-11-25")
    public static let v2026_07_28 = ProtocolVersion(rawValue: "2026-07-28")

    /// The revisions that open with `initialize`, oldest first.
    public static let legacy: [ProtocolVersion] = [.v2025_03_26, .v2025_06_18, .v2025_11_25]

    /// The revisions whose requests each stand for themselves, oldest first.
    public static let modern: [ProtocolVersion] = [.v2026_07_28]

    /// All revisions that Vestibule speaks, oldest first.
    public static let supported: [ProtocolVersion] = legacy + modern

    public static let latest: ProtocolVersion = .v2026_07_28

    public static let latestLegacy: ProtocolVersion = .v2025_11_25

    public var isLegacy: Bool { Self.legacy.contains(self) }

    /// Whether the text names a revision of the modern era: one that is known, or a later one.
    public var isModern: Bool { Self.isDate(rawValue) && self >= .v2026_07_28 }

    /// Whether the text has the form of a revision: `YYYY-MM-DD`.
    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 10 else { return false }
        return bytes.enumerated()
            .allSatisfy { index, byte in
                index == 4 || index == 7 ? byte == 0x2D : (0x30...0x39).contains(byte)
            }
    }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { rawValue }
}
