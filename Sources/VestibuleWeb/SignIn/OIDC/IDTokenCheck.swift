internal import VestibuleAuth
internal import VestibuleProtocol

/// Whether an ID token says who just signed in (OpenID Connect Core §3.1.3.7).
struct IDTokenCheck: Sendable {
    let issuer: String
    let clientID: String
    let nonce: String
    let keys: KeyRing
    let clock: any WallClock

    /// How far the two clocks may disagree.
    static let leeway = Duration.seconds(30)
    /// The token was made a moment ago, for this sign-in.
    static let maximumAge = Duration.seconds(600)

    /// - Returns: The claims of the token.
    /// - Throws: Why it is refused. The reason of a `Rejection` that another key set may mend is kept apart in
    ///   ``Refusal``.
    func run(_ token: String) throws(Refusal) -> JSONObject {
        let trusted = TrustedIssuer(
            name: issuer, issuer: issuer, audiences: [clientID], keys: .fixed(keys),
            maximumTokenAge: Self.maximumAge, leeway: Self.leeway,
            // §10.1: a token may go without kid where there is one key only.
            acceptsMissingKeyID: keys.keys.count == 1)
        let principal: Principal
        switch TokenVerifier(issuers: [trusted], clock: clock, cacheSize: 0).verify(token) {
        case .success(let verified): principal = verified
        case .failure(let rejection): throw Refusal(rejection)
        }
        try refuseAccessToken(token)
        try check(principal.claims)
        return principal.claims
    }

    /// An access token of the same provider may have the same claims; `typ` tells them apart (RFC 9068 §2.1).
    private func refuseAccessToken(_ token: String) throws(Refusal) {
        guard let type = (try? CompactToken(token))?.header["typ"]?.string?.lowercased() else { return }
        guard !type.contains("at+jwt") else { throw Refusal("its typ says that it is an access token") }
    }

    private func check(_ claims: JSONObject) throws(Refusal) {
        guard let subject = claims["sub"]?.string else { throw Refusal("its sub is not a string") }
        // §2: at most 255 characters, of ASCII.
        guard !subject.isEmpty, subject.utf8.count <= 255, subject.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw Refusal("its sub is not 1 to 255 characters of ASCII")
        }
        let others = claims["aud"]?.array?.contains { $0.string?.hasSameBytes(as: clientID) == false } ?? false
        switch claims["azp"] {
        case .string(let party):
            guard party.hasSameBytes(as: clientID) else { throw Refusal("it was made for the client \(party.quoted)") }
        case nil:
            guard !others else { throw Refusal("it is for others, too, and its azp does not say who asked for it") }
        default: throw Refusal("its azp is not a string")
        }
        guard let nonce = claims["nonce"] else { throw Refusal("it has no nonce") }
        guard let nonce = nonce.string, nonce.isSameSecret(as: self.nonce) else {
            throw Refusal("its nonce is not that of this sign-in: it was made for another one")
        }
    }

    struct Refusal: Error {
        let failure: OIDCFailure
        /// Whether the provider may have published another key in the meantime.
        let concernsKey: Bool

        init(_ rejection: Rejection) {
            self.failure = .idToken(rejection)
            self.concernsKey = [.keyUnknown, .signatureInvalid, .algorithmNotAllowed].contains(rejection.reason)
        }

        init(_ what: String) {
            self.failure = .idToken(what)
            self.concernsKey = false
        }
    }
}

extension OIDCConfiguration {
    /// The person whom the claims describe, with the rights of all rules that they fulfil.
    func person(for claims: JSONObject, method: String) throws(OIDCFailure) -> SignedInPerson {
        let subject = claims["sub"]?.string ?? ""
        guard grants.isEmpty || grants.contains(where: { $0.matches(claims) }) else {
            let names = claims.names.prefix(20).map { $0.escaped(limit: 32) }.joined(separator: ", ")
            throw OIDCFailure(
                .noRights, "no rule of signIn.grants fits the person (claims there: \(names))",
                advice: "ask the operator of this server for rights")
        }
        let shown = ["name", "preferred_username", "email"].lazy
            .compactMap { claims[$0]?.string?.onOneLine(limit: 100) }
            .first { !$0.isEmpty }
        return SignedInPerson(
            subject: subject, name: shown ?? subject, grant: grants.grant(for: claims), method: method)
    }
}
