internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

/// Why a sign-in with the identity provider did not come about. Never holds a secret, a code or a token.
struct OIDCFailure: Error, Sendable, Hashable {
    /// A stable word for the log and for tests.
    enum Code: String, Sendable {
        /// The provider gave no answer, or one that says that it is out of order.
        case providerUnreachable = "provider_unreachable"
        /// What the provider publishes cannot be used.
        case providerInvalid = "provider_invalid"
        /// The provider reported an error of its own.
        case providerError = "provider_error"
        /// The provider does not accept this server's `clientID` or secret.
        case clientRefused = "client_refused"
        /// The provider does not accept the code.
        case codeRefused = "code_refused"
        /// This browser has not begun the sign-in that comes back.
        case stateMissing = "state_missing"
        /// It did, too long ago.
        case stateExpired = "state_expired"
        /// It did, and this is not the first time that it comes back.
        case stateUsed = "state_used"
        /// What comes back is no answer to a sign-in.
        case responseMalformed = "response_malformed"
        /// It comes back from another provider.
        case issuerMismatch = "issuer_mismatch"
        /// As many codes as may be are being redeemed.
        case busy
        /// The person or the provider said no.
        case denied
        /// The token that says who it is cannot be trusted.
        case idTokenRefused = "id_token_refused"
        /// The provider knows the person, and no rule of this server does.
        case noRights = "no_rights"
    }

    var code: Code
    /// One line: what happened, and where.
    var message: String
    /// One line: what to do next.
    var advice: String

    init(_ code: Code, _ message: String, advice: String) {
        self.code = code
        self.message = message.onOneLine(limit: 400)
        self.advice = advice
    }

    /// For the log: all of it in one line.
    var line: String { "\(code.rawValue): \(message); \(advice)" }

    /// Of the answer to the browser: the provider's faults are a gateway's, the others are the request's.
    var status: Int {
        switch code {
        case .providerUnreachable, .providerInvalid, .providerError, .clientRefused, .codeRefused, .idTokenRefused: 502
        case .stateMissing, .stateExpired, .stateUsed, .responseMalformed, .issuerMismatch: 400
        case .denied, .noRights: 403
        case .busy: 503
        }
    }

    /// For the person, before anything else.
    var title: String {
        switch code {
        case .providerUnreachable: "The identity provider does not answer"
        case .providerInvalid, .providerError, .clientRefused, .codeRefused: "The identity provider cannot be used"
        case .stateMissing, .stateUsed, .responseMalformed, .issuerMismatch: "This is not a sign-in of this browser"
        case .stateExpired: "The sign-in took too long"
        case .busy: "Too many are signing in right now"
        case .denied: "The sign-in was refused"
        case .idTokenRefused: "The identity provider’s answer cannot be trusted"
        case .noRights: "You have no rights here"
        }
    }
}

extension OIDCFailure {
    /// What an exchange with the provider brings, its failure in the words of a sign-in.
    static func explaining<Value>(_ exchange: () async throws -> Value) async throws -> Value {
        do {
            return try await exchange()
        } catch let failure as BoundedExchange.Failure {
            throw OIDCFailure(
                failure.cause == .tooLarge ? .providerInvalid : .providerUnreachable, failure.message,
                advice: "try again in a while; where it stays, check the provider and signIn.oidc.issuer")
        }
    }

    static let tryAgain = "try again; where it stays, tell the operator of this server"
    static let startAgain = "start again from the sign-in page"

    static func idToken(_ what: String) -> OIDCFailure {
        OIDCFailure(
            .idTokenRefused, "the ID token was refused: \(what)",
            advice: "try again; where it stays, compare clientID, issuer and the clocks of both sides")
    }

    static func idToken(_ rejection: Rejection) -> OIDCFailure {
        idToken("\(rejection.reason.rawValue): \(rejection.detail)")
    }
}
