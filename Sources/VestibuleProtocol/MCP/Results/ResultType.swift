/// What kind of result came (MCP 2026-07-28, Basic: Responses).
public struct ResultType: Sendable, Hashable, RawRepresentable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The answer to the request.
    public static let complete = ResultType(rawValue: "complete")
    /// Questions first: ``InputRequiredResult``.
    public static let inputRequired = ResultType(rawValue: "input_required")
    /// A handle on work that goes on, of the extension `io.modelcontextprotocol/tasks`: ``CreateTaskResult``.
    public static let task = ResultType(rawValue: "task")

    /// Reads a result's type. A result without one is complete, as those of older servers are; `nil` where it is not a
    /// string.
    public init?(result: JSONValue) {
        guard let type = result["resultType"] else {
            self = .complete
            return
        }
        guard let text = type.string else { return nil }
        self.init(rawValue: text)
    }
}
