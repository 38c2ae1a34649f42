public import VestibuleProtocol

/// Where among a token's claims something stands: a claim's name, or names divided by dots that lead into objects.
///
/// Names may hold dots themselves (`https://example.com/roles`, the client ids under Keycloak's `resource_access`). At
/// every step the longest name that is there is the one that is meant: the claim `realm_access.roles` wins over `roles`
/// within `realm_access`. There is no way back: where the longest name leads to nothing, the path does.
public struct ClaimPath: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The most dots that are taken for divisions; those behind belong to the last name.
    public static let maximumDepth = 16

    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    public var description: String { text }

    /// What stands there, or `nil`. Names are compared by their bytes.
    public func value(in claims: JSONObject) -> JSONValue? {
        if let value = claims[text] { return value }
        let bytes = text.utf8
        guard bytes.contains(UInt8(ascii: ".")) else { return nil }
        let dots = bytes.indices.lazy.filter { bytes[$0] == UInt8(ascii: ".") }.prefix(Self.maximumDepth)
        return Self.value(of: text[...], dots: Array(dots)[...], in: claims)
    }

    /// - Parameters:
    ///   - name: Of which no claim has the whole.
    ///   - dots: The dots in it.
    private static func value(of name: Substring, dots: ArraySlice<String.Index>, in object: JSONObject) -> JSONValue? {
        for (index, dot) in zip(dots.indices, dots).reversed() {
            guard let found = object[String(name[..<dot])] else { continue }
            guard case .object(let inner) = found else { return nil }
            let rest = name[name.utf8.index(after: dot)...]
            return inner[String(rest)] ?? value(of: rest, dots: dots[(index + 1)...], in: inner)
        }
        return nil
    }

    public static func == (left: Self, right: Self) -> Bool { left.text.hasSameBytes(as: right.text) }
    public func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}
