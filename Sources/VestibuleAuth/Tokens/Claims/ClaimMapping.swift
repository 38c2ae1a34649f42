internal import VestibuleProtocol

/// Which of an issuer's claims say who somebody is and what they may: `issuers[].claims`.
///
/// Where several paths are named, what stands at each counts. A path that a token lacks grants nothing, and so does a
/// value that is neither a text (its words, divided by spaces) nor a list (its texts, whole).
public struct ClaimMapping: Sendable, Hashable {
    /// The buckets that a role opens.
    public struct RoleBuckets: Sendable, Hashable {
        /// The role, compared by its bytes; ``everyone`` for every principal of the issuer.
        public var role: String
        public var buckets: [BucketTemplate]

        public static let everyone = "*"

        public init(role: String, buckets: [BucketTemplate]) {
            self.role = role
            self.buckets = buckets
        }

        func isFor(_ roles: [String]) -> Bool {
            role.hasSameBytes(as: Self.everyone) || roles.contains { $0.hasSameBytes(as: role) }
        }
    }

    public var subject: ClaimPath
    public var scope: [ClaimPath]
    public var permissions: [ClaimPath]
    public var roles: [ClaimPath]
    /// The claims that list buckets.
    public var buckets: [ClaimPath]
    /// Buckets by role, besides those that the claims list.
    public var bucketsByRole: [RoleBuckets]

    public init(
        subject: ClaimPath = "sub", scope: [ClaimPath] = ["scope"], permissions: [ClaimPath] = ["permissions"],
        roles: [ClaimPath] = ["roles"], buckets: [ClaimPath] = ["buckets"], bucketsByRole: [RoleBuckets] = []
    ) {
        self.subject = subject
        self.scope = scope
        self.permissions = permissions
        self.roles = roles
        self.buckets = buckets
        self.bucketsByRole = bucketsByRole
    }

    /// The names that Vestibule's own tokens use.
    public static let standard = ClaimMapping()
}

/// What claims amount to by a mapping.
struct MappedClaims: Sendable {
    var subject: String
    var scope: [String]
    var permissions: [String]
    var roles: [String]
    /// Plain names, each once.
    var buckets: [String]

    /// - Throws: `claim_missing` where the subject is absent, empty, or neither a string nor a number.
    init(_ claims: JSONObject, by mapping: ClaimMapping) throws(Rejection) {
        subject = try mapping.subject.subject(in: claims)
        scope = claims.words(at: mapping.scope)
        permissions = claims.words(at: mapping.permissions)
        roles = claims.words(at: mapping.roles)
        var seen: Set<BucketName> = []
        var buckets = claims.words(at: mapping.buckets).compactMap(BucketName.init).filter { seen.insert($0).inserted }
        for entry in mapping.bucketsByRole where entry.isFor(roles) {
            for template in entry.buckets {
                guard let name = template.name(subject: subject, claims: claims), seen.insert(name).inserted else {
                    continue
                }
                buckets.append(name)
            }
        }
        self.buckets = buckets.map(\.name)
    }
}

extension ClaimPath {
    /// - Throws: `claim_missing`, with a line that names the claim and never its value.
    func subject(in claims: JSONObject) throws(Rejection) -> String {
        let value = value(in: claims)
        if case .string(let text) = value, !text.isEmpty { return text }
        let shown = escapedText
        switch value {
        case .string: throw Rejection(.claimMissing, "the token's \(shown) is empty, so it names nobody")
        // Some issuers number their users; the digits as written are the name.
        case .number(let number): return number.literal
        case nil: throw Rejection(.claimMissing, "the token has no \(shown), so it names nobody")
        case .some(let value):
            throw Rejection(.claimMissing, "the token's \(shown) is a \(value.kind); a string or a number is due")
        }
    }

    /// As it may stand in a line for people.
    var escapedText: String { text.escaped() }
}

extension JSONObject {
    func words(at paths: [ClaimPath]) -> [String] {
        if paths.count == 1 { return words(at: paths[0]) }
        return paths.flatMap { words(at: $0) }
    }

    /// The words of a claim: an array of strings, or one string with spaces between them (RFC 6749 §3.3). A value of
    /// another type, or an element that is not a string, grants nothing.
    func words(at path: ClaimPath) -> [String] {
        switch path.value(in: self) {
        case .string(let text) where !text.isEmpty && !text.utf8.contains(0x20): [text]
        case .string(let text): text.utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        case .array(let values): values.compactMap(\.string)
        default: []
        }
    }
}
