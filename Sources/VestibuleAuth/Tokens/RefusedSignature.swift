internal import VestibuleProtocol

/// Finds out what is behind a signature that no usable key verifies, so that the refusal can say it.
///
/// Only whoever held a key could learn anything from this: each finding is proven by the signature itself.
struct RefusedSignature {
    let check: SignatureCheck
    let ring: KeyRing
    /// The keys that the token names and whose algorithm fits.
    let named: [RingKey]

    /// The most keys that are tried to explain one refusal; a bound on what a forged token can cost.
    static let maximumTries = 8

    var rejection: Rejection {
        if let key = suspects.first(where: { check.signed(by: $0) }) { return signed(by: key) }
        return Rejection(.signatureInvalid, "the token's signature does not verify with \(names)\(whitespaceHint)")
    }

    /// First the retired keys of the name that the token uses, then the issuer's others, the latest retired first.
    private var suspects: [RingKey] {
        let fitting = ring.keys.filter { $0.algorithm == check.algorithm }
        let isNamed: (RingKey) -> Bool = { key in named.contains { $0.isSameKey(as: key) } }
        let retiredOfThatName = named.filter { isRetired($0) }
        let others = fitting.reversed().filter { !isNamed($0) }
        return Array((retiredOfThatName + others).prefix(Self.maximumTries))
    }

    private func isRetired(_ key: RingKey) -> Bool { key.state.settled(at: check.now).isRetired }

    private func signed(by key: RingKey) -> Rejection {
        guard case .retired(let date) = key.state.settled(at: check.now) else {
            return Rejection(
                .signatureInvalid,
                "the token names \(names), but key \(key.label) signed it; let the signer name the key that it uses")
        }
        let issuer = check.issuer
        guard issuer.remoteKeys == nil else {
            let published = ring.verifying(at: check.now).prefix(3).map(\.kid.quoted).joined(separator: ", ")
            return Rejection(
                .keyRetired,
                "the token was signed with key \(key.label), which \(issuer.name.quoted) publishes no more (seen at "
                    + "\(date)); \(issuer.name.quoted) publishes \(published) now")
        }
        let active = ring.active(at: check.now).map { "the active key is \($0.label)" } ?? "no key is active"
        return Rejection(
            .keyRetired, "the token was signed with key \(key.label), retired at \(date); \(active); refresh the token")
    }

    private var names: String {
        guard check.token.keyID != nil else { return "any key of \(check.issuer.name.quoted)" }
        let labels = named.prefix(3).map(\.label).joined(separator: " or ")
        return "key \(labels)"
    }

    /// The likeliest of all accidents with shared secrets: one side has a newline that the other has not.
    private var whitespaceHint: String {
        for key in named.prefix(Self.maximumTries) {
            guard let secret = key.material as? HMACKeyMaterial else { continue }
            for (variant, hint) in Self.variants(of: secret.bytes) where !variant.isEmpty {
                let other = HMACKeyMaterial(secret: variant, kind: secret.kind)
                if other.isValid(signature: check.token.signature, for: check.input) { return "; \(hint)" }
            }
        }
        return ""
    }

    private static func variants(of secret: [UInt8]) -> [([UInt8], String)] {
        let newline: [UInt8] = [0x0A]
        let added = "it would verify with a trailing newline added to the server's secret: trim the signer's"
        let removed = "it would verify with the trailing newline of the server's secret removed: trim the server's"
        var variants = [(secret + newline, added), (secret + [0x0D, 0x0A], added)]
        if secret.suffix(2) == [0x0D, 0x0A] { variants.append((secret.dropLast(2), removed)) }
        if secret.last == 0x0A { variants.append((secret.dropLast(), removed)) }
        let trimmed = Array(secret.trimmingWhitespace)
        if trimmed.count < secret.count {
            let hint = "it would verify without the white space around the server's secret: trim the server's"
            variants.append((trimmed, hint))
        }
        return variants
    }
}
