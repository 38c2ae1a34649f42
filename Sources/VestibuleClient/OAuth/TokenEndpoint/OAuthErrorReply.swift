internal import VestibuleProtocol

/// An error of an authorization server (RFC 6749 §4.1.2.1, §5.2), in words that say what to do.
struct OAuthErrorReply: Sendable, Hashable {
    var error: String
    var description: String?

    init(error: String, description: String?) {
        self.error = error
        self.description = description
    }

    /// `nil` where the document is no such error.
    init?(_ json: JSONValue?) {
        guard let error = json?["error"]?.string else { return nil }
        self.init(error: error, description: json?["error_description"]?.string)
    }

    /// `invalid_grant (the code is spent): sign in again`.
    var inWords: String {
        let said = description.map { " (\($0.onOneLine(limit: 200)))" } ?? ""
        return error.onOneLine(limit: 60) + said + (advice.map { "; \($0)" } ?? "")
    }

    /// Whether what was presented will not be taken later either.
    var endsGrant: Bool {
        switch error {
        case "invalid_grant", "invalid_request", "invalid_client", "unauthorized_client", "invalid_scope",
            "invalid_target", "unsupported_grant_type":
            true
        default: false
        }
    }

    private var advice: String? {
        switch error {
        case "invalid_client": "the authorization server does not know this client: check its id and secret"
        case "invalid_grant": "what was presented is spent or ended: sign in again"
        case "unauthorized_client": "this client may not use that grant: ask the authorization server's operator"
        case "unsupported_grant_type": "the authorization server does not offer that grant: ask its operator"
        case "invalid_scope": "ask for another scope"
        case "invalid_target": "the authorization server issues no tokens for this resource: ask its operator"
        case "access_denied": "whoever was asked said no"
        case "invalid_client_metadata", "invalid_redirect_uri": "the server wants other particulars of the client"
        case "temporarily_unavailable", "server_error": "try again later"
        case "login_required", "consent_required", "interaction_required": "sign in with a browser"
        case "invalid_dpop_proof", "use_dpop_nonce": "the proof of possession was refused"
        default: nil
        }
    }
}
