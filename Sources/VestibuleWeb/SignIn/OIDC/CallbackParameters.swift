internal import VestibuleAuth
internal import VestibuleProtocol

/// What the browser brings back from the provider (OpenID Connect Core §3.1.2.5 and §3.1.2.6, RFC 9207).
struct CallbackParameters: Sendable, Hashable {
    let state: String
    let code: String?
    let issuer: String?
    let error: String?
    let errorDescription: String?

    /// Bytes of the query beyond which it is not looked at.
    static let maximumLength = 8192

    /// - Parameter path: The request's path with its query.
    init(path: String) throws(OIDCFailure) {
        guard let question = path.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            throw Self.malformed("carries no answer of a provider")
        }
        let query = path.utf8[path.utf8.index(after: question)...]
        guard query.count <= Self.maximumLength else {
            throw Self.malformed("has a query of more than \(Self.maximumLength) bytes")
        }
        var found: [String: String] = [:]
        for pair in query.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(FormBody.decode) else { continue }
            guard ["state", "code", "iss", "error", "error_description"].contains(name) else { continue }
            guard found[name] == nil else { throw Self.malformed("has \(name) twice") }
            guard let value = parts.count == 2 ? FormBody.decode(parts[1]) : "" else {
                throw Self.malformed("has a \(name) that is not UTF-8 in percent-encoding")
            }
            found[name] = value
        }
        guard let state = found["state"], !state.isEmpty else { throw Self.malformed("has no state") }
        self.state = state
        self.code = found["code"].flatMap { $0.isEmpty ? nil : $0 }
        self.issuer = found["iss"]
        self.error = found["error"]
        self.errorDescription = found["error_description"]
    }

    /// The code, where it comes from that provider and the provider said yes.
    func code(from metadata: ProviderMetadata) throws(OIDCFailure) -> String {
        try checkIssuer(metadata)
        if let error { throw refusal(error) }
        guard let code else { throw Self.malformed("has neither code nor error") }
        return code
    }

    /// RFC 9207 §2.4: compared as it is, and missing only where the provider does not promise it.
    private func checkIssuer(_ metadata: ProviderMetadata) throws(OIDCFailure) {
        let mixed = "somebody may have sent the browser to another provider; \(OIDCFailure.startAgain)"
        guard let issuer else {
            guard metadata.namesItselfInResponses else { return }
            throw OIDCFailure(
                .issuerMismatch, "the answer has no iss, which \(metadata.issuer) always sends", advice: mixed)
        }
        guard issuer.hasSameBytes(as: metadata.issuer) else {
            throw OIDCFailure(
                .issuerMismatch, "the answer is of the issuer \(issuer.quoted), not of \(metadata.issuer)",
                advice: mixed)
        }
    }

    private func refusal(_ error: String) -> OIDCFailure {
        let said = errorDescription.map { "\(error.quoted): \($0.onOneLine(limit: 200))" } ?? error.quoted
        guard ["access_denied", "login_required", "consent_required", "interaction_required"].contains(error) else {
            return OIDCFailure(
                .providerError, "the provider answered \(said)",
                advice:
                    "try again; where it stays, compare clientID, redirect URI and scope with the registration there")
        }
        return OIDCFailure(
            .denied, "the provider answered \(said)", advice: "sign in again and allow it, or as somebody else")
    }

    private static func malformed(_ what: String) -> OIDCFailure {
        OIDCFailure(.responseMalformed, "the address \(what)", advice: OIDCFailure.startAgain)
    }
}
