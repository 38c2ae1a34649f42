internal import VestibuleProtocol

/// Rights that a signed-in person's tokens carry.
public struct Grant: Sendable, Hashable {
    public var permissions: [String]
    public var buckets: [String]
    public var roles: [String]
    /// OAuth scope (RFC 6749 §3.3).
    public var scope: [String]

    public init(permissions: [String] = [], buckets: [String] = [], roles: [String] = [], scope: [String] = []) {
        self.permissions = permissions
        self.buckets = buckets
        self.roles = roles
        self.scope = scope
    }

    /// The role that opens the operator's page.
    public static let operatorRole = "operator"

    /// The rights of both, each once.
    public func union(_ other: Grant) -> Grant {
        Grant(
            permissions: Self.merge(permissions, other.permissions), buckets: Self.merge(buckets, other.buckets),
            roles: Self.merge(roles, other.roles), scope: Self.merge(scope, other.scope))
    }

    private static func merge(_ left: [String], _ right: [String]) -> [String] {
        var seen = Set<ByteKey>()
        return (left + right).filter { seen.insert(ByteKey($0)).inserted }
    }
}

/// Somebody whom a ``SignInProvider`` vouches for.
public struct SignedInPerson: Sendable, Hashable {
    /// Who it is: the `sub` of its tokens. At most 255 bytes.
    public var subject: String
    /// What to call the person. From outside: escape it wherever it is shown.
    public var name: String
    public var grant: Grant
    /// How the person signed in: the provider's ``SignInProvider/method``.
    public var method: String

    public init(subject: String, name: String, grant: Grant, method: String) {
        self.subject = subject
        self.name = name
        self.grant = grant
        self.method = method
    }
}
