/// Where to go after signing in: a path of this origin, never a way out of it.
public struct ReturnPath: Sendable, Hashable {
    /// Begins with one `/`; may carry a query and a fragment.
    public let path: String

    /// The front page.
    public static let home = ReturnPath()

    private init() { self.path = "/" }

    /// Bytes of a path beyond which it is refused.
    public static let maximumLength = 1024

    /// `nil` for anything that a browser could take for another origin: `//host`, `/\host` (a backslash is a slash to
    /// the URL standard), what holds controls, which browsers leave out, or anything outside ASCII.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.dropFirst().first != UInt8(ascii: "/"),
            bytes.count <= Self.maximumLength,
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\\\"<>".utf8.contains($0) })
        else { return nil }
        self.path = text
    }
}
