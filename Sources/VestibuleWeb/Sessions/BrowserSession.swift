public import VestibuleProtocol

/// One browser that somebody signed in with.
public struct BrowserSession: Sendable {
    public let person: SignedInPerson
    /// What the session's own pages send in `Vestibule-CSRF`: nobody else can read it.
    public let csrf: String
    public let createdAt: NumericDate
    /// When the session ends, however busy it is.
    public let expiresAt: NumericDate
    /// Eight hexadecimal digits to tell sessions apart in the log; never the id, which is nowhere kept.
    public let fingerprint: String
    /// SHA-256 of the id.
    let key: SessionKey

    public var subject: String { person.subject }
    public var name: String { person.name }
    public var grant: Grant { person.grant }
    public var method: String { person.method }

    /// Whether the operator's page is open to this person.
    public var isOperator: Bool { grant.roles.contains { $0.hasSameBytes(as: Grant.operatorRole) } }
}

/// Under what a session is kept: the SHA-256 of its id, so that what leaks from memory opens nothing.
struct SessionKey: Sendable, Hashable {
    let digest: [UInt8]
}
