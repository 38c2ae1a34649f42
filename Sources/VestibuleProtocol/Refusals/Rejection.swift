/// A refusal: a stable reason, and one line that a person understands.
///
/// The line never holds a secret, a token, or a claim of another party.
public struct Rejection: Error, Sendable, Hashable {
    public var reason: Reason
    /// One line for a person: what was wrong, with what, and what would be right.
    public var detail: String
    /// The scope that would be enough, for ``Reason/scopeInsufficient``.
    public var requiredScope: [String]
    /// How long to wait before the next try, for ``Reason/rateLimited`` and ``Reason/issuerUnavailable``.
    public var retryAfter: Duration?

    public init(_ reason: Reason, _ detail: String, requiredScope: [String] = [], retryAfter: Duration? = nil) {
        self.reason = reason
        self.detail = detail
        self.requiredScope = requiredScope
        self.retryAfter = retryAfter
    }

    public var remedy: Remedy { reason.remedy }
}

extension Rejection: CustomStringConvertible {
    public var description: String { "\(reason.rawValue): \(detail)" }
}

extension Rejection {
    /// The `data` of the JSON-RPC error and the `structuredContent` of an in-band refusal.
    ///
    /// - Parameter requestID: The server's id of the request, under which its log and audit hold it.
    public func data(requestID: String? = nil) -> JSONObject {
        var data: JSONObject = [
            "reason": .string(reason.rawValue), "remedy": .string(remedy.rawValue), "detail": .string(detail),
        ]
        if let requestID { data["requestId"] = .string(requestID) }
        return data
    }

    /// Reads a refusal from `data` or `structuredContent`; `nil` where that is not one of ours.
    ///
    /// The detail is made fit to be shown, since it is the word of another party.
    public init?(data: JSONObject) {
        guard let name = data["reason"]?.string, let reason = Reason(rawValue: name) else { return nil }
        self.init(reason, data["detail"]?.string?.onOneLine() ?? "")
    }
}
