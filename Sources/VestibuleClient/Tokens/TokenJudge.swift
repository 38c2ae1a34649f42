internal import VestibuleProtocol

/// Judges tokens: by the rules of the configuration, the server's clock and what the server refused.
struct TokenJudge: Sendable {
    /// A token that the server refused, by its digest and key; the token itself is forgotten.
    struct Refusal: Sendable {
        var digest: TokenDigest
        var keyID: String?
        var issuedAt: NumericDate?
        var rejection: Rejection
        var at: NumericDate
        /// Whether the refusal still speaks against other tokens that name this key.
        var blamesKey: Bool
    }

    /// What stands against a token.
    enum Objection: Sendable {
        /// By its own claims it must not be sent.
        case stale(Rejection)
        /// The server refused this very token, or the key that signed it.
        case refused(Rejection, sameToken: Bool)
    }

    /// How many refusals are remembered; the oldest is forgotten first.
    static let maximumRefusals = 32

    var configuration: TokenManagerConfiguration
    /// How far the server's clock is ahead of this machine's, in seconds; 0 until it is known.
    private(set) var serverOffset: Double?
    private(set) var refusals: [Refusal] = []

    init(_ configuration: TokenManagerConfiguration) {
        self.configuration = configuration
    }

    func serverTime(at now: NumericDate) -> NumericDate {
        NumericDate(now.seconds + (serverOffset ?? 0))
    }

    /// Learns the server's clock from a `Date` header, which counts whole seconds and spent some time on its way: a
    /// difference that this explains is none.
    mutating func learn(serverDate: NumericDate, at now: NumericDate) {
        let difference = serverDate - now
        serverOffset = difference > -2 && difference < 1 ? 0 : difference + 0.5
    }

    mutating func remember(_ token: AccessToken, _ rejection: Rejection, at now: NumericDate) {
        refusals.removeAll { $0.digest == token.digest }
        if refusals.count >= Self.maximumRefusals { refusals.removeFirst() }
        refusals.append(
            Refusal(
                digest: token.digest, keyID: token.keyID, issuedAt: token.issuedAt, rejection: rejection, at: now,
                blamesKey: rejection.reason.blamesTheKey))
    }

    /// Learns that the server took a token: whatever it refused before under that `kid` was another key.
    mutating func clear(keyOf token: AccessToken) {
        guard let keyID = token.keyID else { return }
        for index in refusals.indices where refusals[index].keyID?.hasSameBytes(as: keyID) == true {
            refusals[index].blamesKey = false
        }
    }

    /// What stands against sending the token.
    ///
    /// - Parameter isNew: Whether it was delivered this moment. Its `exp` then counts without the margin: a source
    ///   whose tokens are short-lived is still better than none.
    func objection(to token: AccessToken, at now: NumericDate, isNew: Bool = false) -> Objection? {
        refusal(of: token, at: now) ?? staleness(of: token, at: now, isNew: isNew).map(Objection.stale)
    }

    private func refusal(of token: AccessToken, at now: NumericDate) -> Objection? {
        if let same = refusals.last(where: { $0.digest == token.digest }) {
            return .refused(same.rejection, sameToken: true)
        }
        guard let keyID = token.keyID else { return nil }
        let blamed = refusals.filter { refusal in
            refusal.blamesKey && refusal.keyID?.hasSameBytes(as: keyID) == true
                && now - refusal.at < configuration.refusedKeyMemory.inSeconds
        }
        guard let last = blamed.last else { return nil }
        // A secret may have changed under its `kid`, and nothing but the server can tell. So one newer token of that
        // name is tried; where it is refused as well, the key is what is wrong.
        if blamed.count == 1, !isOlder(token, than: last) { return nil }
        return .refused(last.rejection, sameToken: false)
    }

    private func isOlder(_ token: AccessToken, than refusal: Refusal) -> Bool {
        guard let issuedAt = token.issuedAt, let refused = refusal.issuedAt else { return false }
        return issuedAt < refused
    }

    private func staleness(of token: AccessToken, at now: NumericDate, isNew: Bool) -> Rejection? {
        let serverNow = serverTime(at: now)
        let leeway = configuration.leeway.inSeconds
        if let start = token.notBefore ?? token.issuedAt, start - serverNow > leeway {
            let ahead = Self.inWords(start - serverNow)
            // An hour divides two clocks that disagree from a token that is meant for later, as on the server.
            return start - serverNow < 3600
                ? Rejection(
                    .clockSkew, "the token begins \(ahead) ahead of the server's clock; correct the issuer's clock")
                : Rejection(.tokenNotYetValid, "the token begins \(ahead) from now")
        }
        if let issuedAt = token.issuedAt, issuedAt - serverNow > leeway {
            return Rejection(
                .clockSkew,
                "the token was issued \(Self.inWords(issuedAt - serverNow)) ahead of the server's clock; "
                    + "correct the issuer's clock")
        }
        if let end = token.expiration, let late = overdue(end, token, at: serverNow, isNew: isNew) {
            return Rejection(.tokenExpired, late)
        }
        if let end = token.endsAt, let late = overdue(end, token, at: now, isNew: isNew) {
            return Rejection(.tokenExpired, late)
        }
        if let maximumAge = configuration.maximumAge, !token.isOpaque {
            let age = token.issuedAt.map { serverNow - $0 } ?? (now - token.receivedAt)
            if age > maximumAge.inSeconds {
                return Rejection(
                    .tokenTooOld,
                    "the token is \(Self.inWords(age)) old by its iat; at most \(Self.inWords(maximumAge.inSeconds)) "
                        + "is allowed here")
            }
        }
        return nil
    }

    private func overdue(_ end: NumericDate, _ token: AccessToken, at now: NumericDate, isNew: Bool) -> String? {
        let left = end - now
        if left <= 0 { return "the token expired \(Self.inWords(-left)) ago" }
        let start = token.endsAt == end ? token.receivedAt : token.issuedAt ?? token.receivedAt
        let margin = isNew ? 0 : min(configuration.margin.inSeconds, max(0, (end - start) / 10))
        return left <= margin ? "the token expires in \(Self.inWords(left))" : nil
    }

    /// A number of seconds for a person: `7 s`, `12 min`, `3 h`, `90 d`. Total: any number has words.
    static func inWords(_ seconds: Double) -> String {
        let (value, unit): (Double, String) =
            switch seconds.magnitude {
            case ..<120: (seconds, "s")
            case ..<7200: (seconds / 60, "min")
            case ..<172_800: (seconds / 3600, "h")
            default: (seconds / 86_400, "d")
            }
        return Int(exactly: value.rounded()).map { "\($0) \(unit)" } ?? "a very long time"
    }
}

extension Reason {
    /// Whether the refusal is of the key, so that every other token which that key signed would be refused too.
    var blamesTheKey: Bool {
        switch self {
        case .keyRetired, .keyUnknown, .signatureInvalid: true
        default: false
        }
    }
}
