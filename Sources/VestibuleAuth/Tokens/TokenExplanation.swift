public import VestibuleProtocol

/// What a token says, part by part, for a person; nothing of it is verified, and the signature is never shown.
public struct TokenExplanation: Sendable, Hashable {
    /// The explanation, a line each.
    public let lines: [String]
    /// What is odd about the token, a line each; empty where nothing is.
    public let warnings: [String]
    /// The same for programs: `header`, `claims`, `signature` (redacted), `key` and `issuer` where they are known, and
    /// `warnings`; or only `problem` where it is no token.
    public let json: JSONObject
    /// Why the text is no token at all, or `nil` where it is one.
    public let problem: String?

    /// - Parameters:
    ///   - token: The text, perhaps a token.
    ///   - rings: Where to look up the fingerprint and state of the key that the token names.
    ///   - issuers: Those that are trusted, to say which of them the token's would be; `nil` where nothing is known
    ///     about any.
    ///   - now: To which the dates are related.
    public init(_ token: String, rings: [KeyRing] = [], issuers: [KnownIssuer]? = nil, now: NumericDate) {
        let parsed: CompactToken
        do throws(Rejection) {
            parsed = try TokenShape.read(token)
        } catch {
            self.lines = ["not a token: \(error.detail)"]
            self.warnings = []
            self.json = ["problem": .string(error.detail)]
            self.problem = error.detail
            return
        }
        let keys = parsed.keyID.map { kid in rings.flatMap { $0.keys(kid: kid) } } ?? []
        let issuer = IssuerMatch(token: parsed, issuers: issuers)
        let warnings =
            TokenWarnings(token: parsed, isKeyKnown: rings.isEmpty || !keys.isEmpty, rings: rings, now: now).lines
            + issuer.warnings
        self.lines = TokenLines(token: parsed, keys: keys, issuer: issuer.name, now: now).lines
        self.warnings = warnings
        self.problem = nil
        self.json = [
            "header": .object(parsed.header), "claims": .object(parsed.claims),
            "signature": .string(TokenLines.redacted(parsed.signature)),
            "key": keys.first.map { .object($0.summary) } ?? .null,
            "issuer": issuer.name.map(JSONValue.string) ?? .null, "warnings": .strings(warnings),
        ]
    }
}

extension RingKey {
    fileprivate var summary: JSONObject {
        [
            "kid": .string(kid), "algorithm": .string(algorithm.rawValue), "fingerprint": .string(fingerprint),
            "state": .string(state.name),
        ]
    }
}

/// The lines that explain a token's parts.
private struct TokenLines {
    let token: CompactToken
    let keys: [RingKey]
    /// What the configuration calls the issuer.
    let issuer: String?
    let now: NumericDate

    static func redacted(_ signature: [UInt8]) -> String { "(\(signature.count) bytes, not shown)" }

    var lines: [String] {
        let claims = token.claims
        let known = ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "scope", "permissions", "roles", "buckets"]
        var rows: [(String, String?)] = [
            ("alg", token.header["alg"].map { with(PartMeaning.algorithm($0), shown($0)) }), ("kid", kid),
            ("typ", token.header["typ"].map { with(PartMeaning.type($0), shown($0)) }),
        ]
        for name in known {
            rows.append((name, claims[name].map { value(of: name, $0) }))
        }
        let others = claims.members.filter { member in !known.contains { $0.hasSameBytes(as: member.name) } }
        for member in others.prefix(32) {
            rows.append((member.name.escaped(), shown(member.value)))
        }
        rows.append(("signature", Self.redacted(token.signature)))
        let width = rows.filter { $0.1 != nil }.map { $0.0.count }.max() ?? 0
        return rows.compactMap { name, value in
            value.map { name + String(repeating: " ", count: width - name.count + 2) + $0 }
        } + (others.count > 32 ? ["and \(others.count - 32) more claims"] : [])
    }

    private func value(of name: String, _ value: JSONValue) -> String {
        switch name {
        case "iat": with("issued", date(value))
        case "nbf": with("not valid before", date(value))
        case "exp": with("expires", date(value))
        case "iss": with(issuer.map { "who issued it: the issuer \($0.quoted) here" } ?? "who issued it", shown(value))
        default: with(PartMeaning.claims[name], shown(value))
        }
    }

    /// The value, and behind it what it is for.
    private func with(_ meaning: String?, _ value: String) -> String {
        meaning.map { "\(value)  — \($0)" } ?? value
    }

    private var kid: String? {
        guard let kid = token.header["kid"] else { return "(none)" }
        guard let key = keys.first else { return shown(kid) }
        let more = keys.count > 1 ? ", one of \(keys.count) keys of that name" : ""
        return "\(shown(kid)) (fingerprint \(key.fingerprint), \(key.state.name)\(more))"
    }

    private func shown(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text.escaped()
        case .array(let values) where values.allSatisfy({ $0.string != nil }):
            values.prefix(20).compactMap { $0.string?.escaped() }.joined(separator: ", ")
                + (values.count > 20 ? " and \(values.count - 20) more" : "")
        default: value.description.escaped()
        }
    }

    private func date(_ value: JSONValue) -> String {
        guard let seconds = value.number?.double, NumericDate.plausible.contains(seconds) else {
            return "\(shown(value)) (not a date in seconds since 1970)"
        }
        let date = NumericDate(seconds)
        let distance = SpokenDuration(date - now)
        return date > now ? "\(date) (in \(distance))" : "\(date) (\(distance) ago)"
    }
}

/// What is odd about a token.
private struct TokenWarnings {
    let token: CompactToken
    let isKeyKnown: Bool
    let rings: [KeyRing]
    let now: NumericDate

    var lines: [String] {
        [algorithm, key, retired, origin, expiration, lifetime, notYet, subject, audience, duplicated, size]
            .compactMap(\.self)
    }

    private var algorithm: String? {
        guard let name = token.algorithm else { return "no alg: the header does not say how it was signed" }
        if name.utf8.lowercasedASCII.elementsEqual("none".utf8) {
            return "alg none: the token is not signed, anybody could have written it"
        }
        let isKnown = SignatureAlgorithm.allCases.contains { $0.rawValue.hasSameBytes(as: name) }
        return isKnown ? nil : "alg \(name.quoted) is not accepted by Vestibule"
    }

    private var key: String? {
        guard let kid = token.keyID else { return "no kid: the token does not say which key signed it" }
        return isKeyKnown ? nil : "kid \(kid.quoted) is in no key ring that was looked at"
    }

    /// By the token's own word: whether that key signed it, only verification can say.
    private var retired: String? {
        guard let kid = token.keyID, let ring = rings.first(where: { !$0.keys(kid: kid).isEmpty }),
            let key = ring.keys(kid: kid).first, case .retired(let date) = key.state.settled(at: now)
        else { return nil }
        let active = ring.active(at: now).map { "the active key is \($0.label)" } ?? "no key is active"
        return "it names key \(key.label), retired at \(date); \(active): refresh the token"
    }

    private var origin: String? {
        guard token.claims["iss"] == nil else { return nil }
        return token.keyID == nil
            ? "no iss and no kid: this looks like a registry token, not an access token"
            : "no iss: nobody says who issued it"
    }

    private var expiration: String? {
        guard token.claims["exp"] != nil else { return "no exp: it would never expire, and is refused for that" }
        guard let date = token.expiration, NumericDate.plausible.contains(date.seconds) else {
            return "exp is not a date in seconds since 1970, and the token is refused for that"
        }
        return date <= now ? "expired \(SpokenDuration(now - date)) ago" : nil
    }

    private var lifetime: String? {
        guard let issued = token.issuedAt, let expires = token.expiration, expires - issued > 86_400 else { return nil }
        return "valid for \(SpokenDuration(expires - issued)) in all, which is long: minutes are usual"
    }

    private var notYet: String? {
        let dates = [("nbf", token.notBefore), ("iat", token.issuedAt)]
        let ahead = dates.compactMap { name, date in date.map { (name, $0 - now) } }.max { $0.1 < $1.1 }
        guard let (name, distance) = ahead, distance > 0 else { return nil }
        let advice = distance < 3600 ? "; if it is fresh, one of the two clocks is wrong" : ""
        return "not valid yet: \(name) is \(SpokenDuration(distance)) ahead of this machine's clock\(advice)"
    }

    private var subject: String? { token.claims["sub"] == nil ? "no sub: it names nobody" : nil }

    private var audience: String? {
        token.claims["aud"] == nil ? "no aud: nothing says for which resource it is meant" : nil
    }

    /// Some front ends write each claim under a long and a short name, which nearly doubles the token.
    private var duplicated: String? {
        let pairs = [("permissions", "p"), ("roles", "r"), ("buckets", "b"), ("scope", "s"), ("level", "l")]
        let twice = pairs.filter { token.claims[$0.0] != nil && token.claims[$0.1] != nil }.map(\.0)
        return twice.isEmpty
            ? nil
            : "\(twice.joined(separator: ", ")) stand in it twice, under a long and a short name: larger for nothing"
    }

    private var size: String? {
        let count = token.text.utf8.count
        return count > 4096 ? "\(count) bytes long: many proxies refuse header lines of more than 8192" : nil
    }
}
