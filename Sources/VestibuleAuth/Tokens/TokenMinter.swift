public import VestibuleProtocol

/// Signs access tokens by RFC 9068 with a key of a ring.
///
/// What of it is not done: signing with RS256 (§2.1), since RSA keys only verify here; `auth_time`, `acr` and `amr`
/// (§2.2.1), which whoever mints may give as extra claims; encryption.
public struct TokenMinter: Sendable {
    public var ring: KeyRing
    let clock: any WallClock

    public init(ring: KeyRing, clock: any WallClock) {
        self.ring = ring
        self.clock = clock
    }

    /// A signed token in JWS compact serialization.
    ///
    /// - Parameter kid: The key to sign with, which may also be a `next` or `verifying` one; by default the active key.
    ///   Never a retired one.
    /// - Throws: ``MintingError`` where no such key can sign, the time to live is out of range, or an extra claim is one
    ///   of ``TokenClaims/reserved``.
    public func mint(_ claims: TokenClaims, kid: String? = nil) throws(MintingError) -> String {
        try Self.sign(try claims.json(at: clock.now()), with: try key(kid))
    }

    private func key(_ kid: String?) throws(MintingError) -> RingKey {
        guard let kid else {
            guard let active = ring.active(at: clock.now()) else {
                throw MintingError("the ring has no active key to sign with; rotate to one or name a key")
            }
            return active
        }
        guard let key = ring[kid: kid] else {
            let known = ring.keys.isEmpty ? "none" : ring.keys.prefix(10).map(\.kid.quoted).joined(separator: ", ")
            throw MintingError("the ring holds no key \(kid.quoted); it holds \(known)")
        }
        if case .retired(let date) = key.state.settled(at: clock.now()) {
            throw MintingError("key \(key.label) was retired at \(date) and signs no more; use the active key")
        }
        return key
    }

    /// Signs any claims with any key that has its private half, whatever its state; nothing is checked or added.
    ///
    /// For tests, and for showing what happens to a token that should not exist. `header` members replace `alg`, `kid`
    /// and `typ`; the signature is made by the key's own algorithm all the same.
    public static func sign(
        _ claims: JSONObject, with key: RingKey, header: JSONObject = JSONObject()
    ) throws(MintingError) -> String {
        var complete: JSONObject = [
            "alg": .string(key.algorithm.rawValue), "kid": .string(key.kid), "typ": "at+jwt",
        ]
        for member in header.members { complete[member.name] = member.value }
        let parts = [complete, claims].map { Base64URL.encode(JSONValue.object($0).serialized) }
        let input = parts.joined(separator: ".")
        do throws(KeyError) {
            return "\(input).\(Base64URL.encode(try key.material.sign(Array(input.utf8))))"
        } catch {
            throw MintingError(error.message)
        }
    }
}

extension TokenClaims {
    fileprivate func json(at now: NumericDate) throws(MintingError) -> JSONObject {
        guard timeToLive > .zero, timeToLive <= .seconds(3650 * 86_400) else {
            throw MintingError("a token's time to live is more than zero and at most 10 years")
        }
        guard !subject.isEmpty else { throw MintingError("a token needs a subject; name one") }
        if let taken = extra.names.first(where: { name in Self.reserved.contains { $0.hasSameBytes(as: name) } }) {
            throw MintingError(
                "the claim \(taken.quoted) has an option of its own and cannot be given as an extra claim")
        }
        if let twice = extra.firstDuplicate { throw MintingError("the extra claim \(twice.quoted) is given twice") }
        let issuedAt = NumericDate(now.seconds.rounded(.down))
        var json: JSONObject = ["iss": .string(issuer), "sub": .string(subject)]
        json["aud"] = audience.count == 1 ? audience.first.map(JSONValue.string) : .strings(audience)
        json["iat"] = issuedAt.json
        json["exp"] = (issuedAt + timeToLive).json
        json["jti"] = .string(tokenID ?? Self.randomID())
        json["client_id"] = .string(clientID)
        if !scope.isEmpty { json["scope"] = .string(scope.joined(separator: " ")) }
        for (name, values) in [("permissions", permissions), ("roles", roles), ("buckets", buckets)]
        where !values.isEmpty {
            json[name] = .strings(values)
        }
        for member in extra.members { json[member.name] = member.value }
        return json
    }

    private static func randomID() -> String {
        Base64URL.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }
}
