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

    public static let latestLegacy: ProtocolVersion = .v2025_11_25

    public var isLegacy: Bool { Self.legacy.contains(self) }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { rawValue }
}
