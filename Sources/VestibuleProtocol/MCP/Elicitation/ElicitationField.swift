/// One question of a form (MCP, Elicitation: Requested Schema).
public struct ElicitationField: Sendable, Hashable {
    /// What a text has to look like.
    public enum Format: String, Sendable, Hashable {
        case email, uri, date
        case dateTime = "date-time"
    }

    /// One of the values to choose from.
    public struct Choice: Sendable, Hashable {
        public var value: String
        /// What people see; `nil` for the value itself.
        public var title: String?

        public init(_ value: String, title: String? = nil) {
            self.value = value
            self.title = title
        }
    }

    /// What kind of answer is wanted.
    public enum Kind: Sendable, Hashable {
        case text(
            minLength: Int? = nil, maxLength: Int? = nil, format: Format? = nil, default: String? = nil)
        case number(minimum: JSONNumber? = nil, maximum: JSONNumber? = nil, default: JSONNumber? = nil)
        case integer(minimum: Int? = nil, maximum: Int? = nil, default: Int? = nil)
        case boolean(default: Bool? = nil)
        /// One of several values. With titles, `usesEnumNames` writes them in the form of 2025-06-18.
        case choice([Choice], usesEnumNames: Bool = false, default: String? = nil)
        /// Any of several values; from 2025-11-25 on.
        case choices([Choice], minimum: Int? = nil, maximum: Int? = nil, default: [String]? = nil)
        /// A schema that is not understood, kept as it came.
        case other(JSONValue)
    }

    public var kind: Kind
    public var title: String?
    public var description: String?

    public init(_ kind: Kind, title: String? = nil, description: String? = nil) {
        self.kind = kind
        self.title = title
        self.description = description
    }

    /// The answer that is offered, where one is.
    public var defaultValue: JSONValue? {
        switch kind {
        case .text(_, _, _, let value): value.map(JSONValue.string)
        case .number(_, _, let value): value.map(JSONValue.number)
        case .integer(_, _, let value): value.map { JSONValue.integer($0) }
        case .boolean(let value): value.map(JSONValue.bool)
        case .choice(_, _, let value): value.map(JSONValue.string)
        case .choices(_, _, _, let values): values.map { JSONValue.strings($0) }
        case .other(let json): json["default"]
        }
    }
}
