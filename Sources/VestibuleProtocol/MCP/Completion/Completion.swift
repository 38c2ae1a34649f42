/// Suggestions for an argument's value (MCP, Completion).
public struct Completion: Sendable, Hashable {
    /// The most values that one answer may carry.
    public static let maximumCount = 100

    public var values: [String]
    /// How many there are altogether, where that is known.
    public var total: Int?
    public var hasMore: Bool?

    /// Suggestions, best first. More than ``maximumCount`` are cut, and the cut is said.
    public init(_ values: [String], total: Int? = nil, hasMore: Bool? = nil) {
        self.values = Array(values.prefix(Self.maximumCount))
        let isCut = values.count > Self.maximumCount
        self.total = total ?? (isCut ? values.count : nil)
        self.hasMore = isCut ? true : hasMore
    }

    public var json: JSONValue {
        var object: JSONObject = ["values": .strings(values)]
        object.add("total", total)
        object.add("hasMore", hasMore)
        return .object(object)
    }

    /// Reads suggestions; `nil` where `values` is not an array of strings.
    public init?(json: JSONValue) {
        guard let elements = json["values"]?.array else { return nil }
        let values = elements.compactMap(\.string)
        guard values.count == elements.count else { return nil }
        self.init(values, total: json["total"]?.integer, hasMore: json["hasMore"]?.bool)
    }
}
