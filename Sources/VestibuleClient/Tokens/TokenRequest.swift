public import VestibuleProtocol

/// What a token source is asked for.
public struct TokenRequest: Sendable, Hashable {
    /// Why a token is wanted.
    public enum Occasion: Sendable, Hashable {
        /// The first token.
        case start
        /// The one in hand is or becomes stale, or a caller wants a new one.
        case renewal
        /// The server refused the one in hand.
        case refusal(Rejection)
        /// The server wants a wider scope (RFC 6750 §3.1, `insufficient_scope`).
        case widerScope
    }

    public var occasion: Occasion
    /// The OAuth scope to ask for; empty where nothing in particular is asked (RFC 6749 §3.3).
    public var scope: [String]
    /// What the server said when it last asked for a token (HTTP 401 or 403) and has not been given a new one since;
    /// `nil` where it has not asked. Its parameters are empty where it asked without a challenge that can be read.
    public var challenge: BearerChallenge?
    /// The time of day by the server's clock as far as it is known, for sources that sign tokens themselves.
    public var serverTime: NumericDate

    public init(
        occasion: Occasion = .start, scope: [String] = [], challenge: BearerChallenge? = nil, serverTime: NumericDate
    ) {
        self.challenge = challenge
        self.occasion = occasion
        self.scope = scope
        self.serverTime = serverTime
    }
}
