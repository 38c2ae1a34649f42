public import VestibuleProtocol

/// What a token says, part by part, for a person; nothing of it is verified, and the signature is never shown.
public struct TokenExplanation: Sendable, Hashable {
    /// The explanation, a line each.
    public let lines: [String]
    /// What is odd about the token, a line each; empty where nothing is.
    public let warnings: [String]
    /// The same for programs: `header`, `claims`, `key`, `warnings`, or `problem` where it is no token.
    public let json: JSONObject
    /// Why the text is no token at all, or `nil` where it is one.
    public let problem: String?

    /// - Parameters:
    ///   - rings: Where to look up the fingerprint and state of the key that the token names.
    ///   - now: To which the dates are related.
    public init(_ token: String, rings: [KeyRing] = [], now: NumericDate) {
        lines = []
        warnings = []
        json = JSONObject()
        problem = nil
    }
}
