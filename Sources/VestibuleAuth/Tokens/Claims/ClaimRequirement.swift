internal import VestibuleProtocol

/// A claim that every token of an issuer has to make: an entry of `issuers[].requiredClaims`.
public struct ClaimRequirement: Sendable, Hashable {
    public enum Demand: Sendable, Hashable {
        /// It is there, and not `null`.
        case present
        /// It is one of these texts, or a list that has one of them in it. `true`, `false` and numbers are compared as
        /// they are written.
        case oneOf([String])
    }

    public var claim: ClaimPath
    public var demand: Demand

    public init(_ claim: ClaimPath, _ demand: Demand) {
        self.claim = claim
        self.demand = demand
    }

    /// - Throws: `claim_missing`. The line names the claim, and neither what the token says nor what it should: the one
    ///   is somebody's, the other is for the operator to know.
    func check(_ claims: JSONObject, of issuer: String) throws(Rejection) {
        let shown = claim.escapedText
        guard let value = claim.value(in: claims), !value.isNull else {
            throw Rejection(.claimMissing, "the token has no \(shown), which tokens of \(issuer.quoted) need here")
        }
        guard case .oneOf(let wanted) = demand else { return }
        let texts = value.array?.compactMap(\.comparedText) ?? [value.comparedText].compactMap(\.self)
        guard !texts.contains(where: { text in wanted.contains { $0.hasSameBytes(as: text) } }) else { return }
        throw Rejection(
            .claimMissing,
            "the token's \(shown) is not what tokens of \(issuer.quoted) need here (requiredClaims); "
                + "sign in with the account or client that it is for")
    }
}

extension JSONValue {
    fileprivate var comparedText: String? {
        switch self {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.literal
        case .null, .array, .object: nil
        }
    }
}
