/// What kind of model a server would like (MCP, Sampling: Model Preferences). The client decides.
public struct ModelPreferences: Sendable, Hashable {
    /// Names or parts of names, the best first.
    public var hints: [String]
    /// From 0 to 1, like the two that follow.
    public var costPriority: Double?
    public var speedPriority: Double?
    public var intelligencePriority: Double?

    public init(
        hints: [String] = [], costPriority: Double? = nil, speedPriority: Double? = nil,
        intelligencePriority: Double? = nil
    ) {
        self.hints = hints
        self.costPriority = costPriority
        self.speedPriority = speedPriority
        self.intelligencePriority = intelligencePriority
    }

    public var json: JSONValue {
        var object = JSONObject()
        if !hints.isEmpty { object.append("hints", .array(hints.map { ["name": .string($0)] })) }
        object.add("costPriority", costPriority)
        object.add("speedPriority", speedPriority)
        object.add("intelligencePriority", intelligencePriority)
        return .object(object)
    }

    /// Reads what is understood of the preferences; `nil` where the value is not an object.
    public init?(json: JSONValue) {
        guard let object = json.object else { return nil }
        self.init(
            hints: object["hints"]?.array?.compactMap { $0["name"]?.string } ?? [],
            costPriority: object["costPriority"]?.number?.double,
            speedPriority: object["speedPriority"]?.number?.double,
            intelligencePriority: object["intelligencePriority"]?.number?.double)
    }
}
