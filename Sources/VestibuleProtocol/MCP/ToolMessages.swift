/// The parameters of `tools/list`, which may be absent altogether.
public struct ListToolsParams: Sendable, Hashable {
    /// Where the last page ended, in the server's own words.
    public var cursor: String?

    public init(cursor: String? = nil) {
        self.cursor = cursor
    }

    public var json: JSONValue {
        var object = JSONObject()
        object["cursor"] = cursor.map(JSONValue.string)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        guard let json else {
            self.init()
            return
        }
        self.init(cursor: try MessageReader(json, "`params`").optionalString("cursor"))
    }
}

/// The result of `tools/list`: one page of the catalogue.
public struct ListToolsResult: Sendable, Hashable {
    public var tools: [Tool]
    /// Present where there is another page.
    public var nextCursor: String?

    public init(tools: [Tool], nextCursor: String? = nil) {
        self.tools = tools
        self.nextCursor = nextCursor
    }

    public var json: JSONValue {
        var object: JSONObject = ["tools": .array(tools.map(\.json))]
        object["nextCursor"] = nextCursor.map(JSONValue.string)
        return .object(object)
    }

    /// Reads a page. One tool that cannot be read spoils it: a catalogue with holes would hide the fault.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of tools/list")
        let elements = try reader.required("tools", "an array", \.array)
        var tools: [Tool] = []
        tools.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let tool = Tool(json: element) else {
                throw MalformedMessage("`tools[\(index)]` is not an object with `name` and `inputSchema`")
            }
            tools.append(tool)
        }
        self.init(tools: tools, nextCursor: try reader.optionalString("nextCursor"))
    }
}

/// The parameters of `tools/call`.
public struct CallToolParams: Sendable, Hashable {
    public var name: String
    public var arguments: JSONObject
    /// Under which the caller wants to hear of progress.
    public var progressToken: ProgressToken?

    public init(name: String, arguments: JSONObject = [:], progressToken: ProgressToken? = nil) {
        self.name = name
        self.arguments = arguments
        self.progressToken = progressToken
    }

    public var json: JSONValue {
        var object: JSONObject = ["name": .string(name), "arguments": .object(arguments)]
        if let progressToken { object["_meta"] = ["progressToken": progressToken.json] }
        return .object(object)
    }

    /// Reads the parameters. Absent arguments are none.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        let meta = try reader.optional("_meta", "an object", \.object)
        self.init(
            name: try reader.string("name"),
            arguments: try reader.optional("arguments", "an object", \.object) ?? [:],
            progressToken: meta?["progressToken"].flatMap(ProgressToken.init))
    }
}
