/// The parameters of `completion/complete` (MCP, Completion).
public struct CompleteParams: Sendable, Hashable, VersionedJSON {
    public var reference: CompletionReference
    /// The argument that is being typed.
    public var argumentName: String
    /// What is typed so far.
    public var argumentValue: String
    /// The arguments that are filled in already; from 2025-06-18 on.
    public var context: [String: String]
    public var meta: JSONObject?

    public init(
        reference: CompletionReference, argumentName: String, argumentValue: String, context: [String: String] = [:],
        meta: JSONObject? = nil
    ) {
        self.reference = reference
        self.argumentName = argumentName
        self.argumentValue = argumentValue
        self.context = context
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = [
            "ref": reference.json(for: version),
            "argument": ["name": .string(argumentName), "value": .string(argumentValue)],
        ]
        if !context.isEmpty, version.isSince(.v2025_06_18) {
            object.append("context", ["arguments": .object(JSONObject(strings: context))])
        }
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        let argument = try reader.required("argument", "an object with `name` and `value`") { value in
            value["name"]?.string.flatMap { name in value["value"]?.string.map { (name, $0) } }
        }
        let context = try reader.optional("context", "an object", \.object)
        self.init(
            reference: try reader.required(
                "ref", "a `ref/prompt` with `name` or a `ref/resource` with `uri`", CompletionReference.init),
            argumentName: argument.0, argumentValue: argument.1,
            context: context?["arguments"]?.strings ?? [:], meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The result of `completion/complete`.
public struct CompleteResult: Sendable, Hashable, VersionedJSON {
    public var completion: Completion
    public var meta: JSONObject?

    public init(_ completion: Completion, meta: JSONObject? = nil) {
        self.completion = completion
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["completion": completion.json]
        object.finishResult(meta: meta, for: version)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of completion/complete")
        self.init(
            try reader.required("completion", "an object with `values`", Completion.init),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}
