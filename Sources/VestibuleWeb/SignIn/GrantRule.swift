internal import VestibuleAuth
public import VestibuleProtocol

/// Which rights a person has whose identity provider makes these claims: an entry of `signIn.grants`.
public struct GrantRule: Sendable, Hashable {
    /// All of them have to hold: the claim is that text, or a list that has it in it. None holds for everybody.
    public var claims: [String: String]
    public var grant: Grant

    public init(claims: [String: String], grant: Grant) {
        self.claims = claims
        self.grant = grant
    }

    /// Whether the claims fulfil the rule. Names, which are ``ClaimPath``s, and values are compared by their bytes.
    public func matches(_ identity: JSONObject) -> Bool {
        claims.allSatisfy { name, wanted in
            switch ClaimPath(name).value(in: identity) {
            case .string(let text)?: text.hasSameBytes(as: wanted)
            case .bool(let flag)?: wanted == (flag ? "true" : "false")
            case .array(let values)?: values.contains { $0.string?.hasSameBytes(as: wanted) == true }
            default: false
            }
        }
    }
}

extension [GrantRule] {
    /// The rights of all rules that the claims fulfil, together. None for claims that fulfil none.
    public func grant(for claims: JSONObject) -> Grant {
        filter { $0.matches(claims) }.reduce(Grant()) { $0.union($1.grant) }
    }
}
