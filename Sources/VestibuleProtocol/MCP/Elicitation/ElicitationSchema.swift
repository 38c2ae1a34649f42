/// The questions of a form, in the order in which they are asked (MCP, Elicitation: Requested Schema).
public struct ElicitationSchema: Sendable, Hashable {
    /// A question and the name under which its answer comes back.
    public struct Property: Sendable, Hashable {
        public var name: String
        public var field: ElicitationField
        public var isRequired: Bool

        public init(_ name: String, _ field: ElicitationField, isRequired: Bool = false) {
            self.name = name
            self.field = field
            self.isRequired = isRequired
        }
    }

    public var properties: [Property]

    public init(_ properties: [Property] = []) {
        self.properties = properties
    }

    /// Asks one more question.
    public func asking(
        _ name: String, _ kind: ElicitationField.Kind, title: String? = nil, description: String? = nil,
        isRequired: Bool = false
    ) -> ElicitationSchema {
        let field = ElicitationField(kind, title: title, description: description)
        return ElicitationSchema(properties + [Property(name, field, isRequired: isRequired)])
    }

    /// The answers that are offered.
    public var defaults: JSONObject {
        JSONObject(properties.compactMap { property in property.field.defaultValue.map { (property.name, $0) } })
    }
}

extension ElicitationSchema: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = [
            "type": "object",
            "properties": .object(JSONObject(properties.map { ($0.name, $0.field.json(for: version)) })),
        ]
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { object.append("required", .strings(required)) }
        return .object(object)
    }

    /// Reads the questions; `nil` where the schema is not one of an object with properties.
    public init?(json: JSONValue) {
        guard json["type"]?.string == "object", let properties = json["properties"]?.object else { return nil }
        let required = Set((json["required"]?.array ?? []).compactMap(\.string).map(ByteKey.init))
        self.init(
            properties.members.map { member in
                Property(
                    member.name, ElicitationField(json: member.value),
                    isRequired: required.contains(ByteKey(member.name)))
            })
    }
}
