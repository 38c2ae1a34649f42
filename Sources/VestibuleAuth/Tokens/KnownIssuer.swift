internal import VestibuleProtocol

/// What must be known of a trusted issuer to say whether a token would be one of its own.
public struct KnownIssuer: Sendable, Hashable {
    /// What the configuration calls it.
    public var name: String
    /// Its `iss`, compared by bytes.
    public var issuer: String
    public var audiences: [String]
    /// The algorithms that are accepted from it; `nil` for whichever its keys have.
    public var algorithms: Set<SignatureAlgorithm>?

    public init(
        name: String, issuer: String, audiences: [String], algorithms: Set<SignatureAlgorithm>? = nil
    ) {
        self.name = name
        self.issuer = issuer
        self.audiences = audiences
        self.algorithms = algorithms
    }
}

/// Which of the trusted issuers a token's would be, and what keeps it from being that.
struct IssuerMatch {
    var name: String?
    var warnings: [String] = []

    init(token: CompactToken, issuers: [KnownIssuer]?) {
        // A token without iss has its own warning.
        guard let issuers, let named = token.claims["iss"]?.string else { return }
        guard let issuer = issuers.first(where: { $0.issuer.hasSameBytes(as: named) }) else {
            warnings = [Self.unknown(named, issuers)]
            return
        }
        name = issuer.name
        let audiences = token.claims["aud"]?.string.map { [$0] } ?? token.claims["aud"]?.array?.compactMap(\.string)
        if let audiences,
            !audiences.contains(where: { name in issuer.audiences.contains { $0.hasSameBytes(as: name) } })
        {
            let isNear = audiences.contains { name in
                issuer.audiences.contains { $0.differsOnlyByTrailingSlash(from: name) }
            }
            let due = issuer.audiences.prefix(5).map(\.quoted).joined(separator: " or ")
            warnings.append(
                "aud does not name this resource: \(issuer.name.quoted) needs \(due.isEmpty ? "none" : due)"
                    + (isNear ? "; they differ by a trailing slash" : ""))
        }
        if let accepted = issuer.algorithms, let algorithm = token.algorithm,
            !accepted.contains(where: { $0.rawValue.hasSameBytes(as: algorithm) })
        {
            let names = accepted.map(\.rawValue).sorted().joined(separator: ", ")
            warnings.append("alg \(algorithm.quoted) is not accepted from \(issuer.name.quoted): \(names)")
        }
    }

    private static func unknown(_ named: String, _ issuers: [KnownIssuer]) -> String {
        let near = issuers.first { $0.issuer.differsOnlyByTrailingSlash(from: named) }
        if let near {
            return "iss \(named.quoted) is no issuer here: \(near.name.quoted) is \(near.issuer.quoted); "
                + "they differ by a trailing slash"
        }
        let trusted = issuers.prefix(5).map { "\($0.name.quoted) (\($0.issuer.quoted))" }.joined(separator: ", ")
        return "iss \(named.quoted) is no issuer here; there \(issuers.count == 1 ? "is" : "are") "
            + (trusted.isEmpty ? "none" : trusted) + (issuers.count > 5 ? " and \(issuers.count - 5) more" : "")
    }
}
