public import VestibuleProtocol

/// What is revoked. A value: adding changes a copy, a file or a server holds the result.
public struct RevocationList: Sendable {
    /// The most revocations that a list holds. At the bound another one is refused, none is ever dropped for it.
    public static let maximumEntries = 10_000
    /// The most bytes of a `jti`, subject, `kid` or issuer.
    public static let maximumLength = 1024

    /// By what they are about, so that a token costs three look-ups however many there are.
    private var byTarget: [Revocation.Target: [Revocation]] = [:]
    /// How many there are.
    public private(set) var count = 0

    public init() {}

    /// All revocations, the oldest first.
    public var entries: [Revocation] {
        byTarget.values.joined()
            .sorted { ($0.date, $0.target.kind, $0.target.value) < ($1.date, $1.target.kind, $1.target.value) }
    }

    /// Why the principal's token is refused, or `nil` where it is not revoked.
    public func rejection(of principal: Principal) -> Rejection? {
        guard count > 0 else { return nil }
        var targets: [Revocation.Target] = [.subject(ByteKey(principal.subject))]
        if let id = principal.tokenID { targets.append(.token(id: ByteKey(id))) }
        if let key = principal.keyID { targets.append(.key(id: ByteKey(key))) }
        for target in targets {
            guard let found = byTarget[target] else { continue }
            for revocation in found {
                if let rejection = revocation.rejection(of: principal) { return rejection }
            }
        }
        return nil
    }

    /// Adds a revocation. One of the same tokens that is there already is brought up to date: it then holds for what
    /// either of the two meant.
    ///
    /// - Throws: ``KeyError`` with ``KeyError/Code/tooMany`` at ``maximumEntries``, or for a text of no or more than
    ///   ``maximumLength`` bytes.
    public mutating func add(_ revocation: Revocation) throws(KeyError) {
        for text in [revocation.target.value, revocation.issuer?.text ?? "-"]
        where !(1...Self.maximumLength).contains(text.utf8.count) {
            throw KeyError(
                .tooMany,
                """
                a \(revocation.target.kind) or issuer of \(text.utf8.count) bytes; 1 to \(Self.maximumLength) can be \
                revoked. Revoke the subject or the key of such a token
                """)
        }
        var found = byTarget[revocation.target] ?? []
        if let index = found.firstIndex(where: { $0.issuer == revocation.issuer }) {
            found[index].until = found[index].until.flatMap { old in revocation.until.map { max(old, $0) } }
            found[index].date = max(found[index].date, revocation.date)
        } else {
            guard count < Self.maximumEntries else {
                throw KeyError(
                    .tooMany,
                    """
                    the list holds \(Self.maximumEntries) revocations of tokens that have not expired; revoke the \
                    subject or the key that they have in common, and remove those that it covers
                    """)
            }
            found.append(revocation)
            count += 1
        }
        byTarget[revocation.target] = found
    }

    /// Takes a revocation back.
    ///
    /// - Parameter issuer: As it was given when it was added.
    /// - Returns: Whether there was one.
    public mutating func remove(_ target: Revocation.Target, issuer: String?) -> Bool {
        guard var found = byTarget[target],
            let index = found.firstIndex(where: { $0.issuer == issuer.map(ByteKey.init) })
        else { return false }
        found.remove(at: index)
        byTarget[target] = found.isEmpty ? nil : found
        count -= 1
        return true
    }

    /// Forgets what can hit no token any more, because the last one has expired.
    public mutating func prune(now: NumericDate) {
        guard byTarget.values.joined().contains(where: { $0.isOver(at: now) }) else { return }
        byTarget = byTarget.compactMapValues { found in
            let rest = found.filter { !$0.isOver(at: now) }
            return rest.isEmpty ? nil : rest
        }
        count = byTarget.values.reduce(0) { $0 + $1.count }
    }
}

extension Revocation {
    fileprivate func isOver(at now: NumericDate) -> Bool { until.map { now >= $0 } ?? false }
}
