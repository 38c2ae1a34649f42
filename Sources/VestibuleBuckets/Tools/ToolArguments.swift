internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// The arguments of one call, read strictly: a wrong name or type is an error that says which and what is due. `null`
/// counts as absent.
struct ToolArguments {
    private let tool: String
    private let arguments: JSONObject

    init(_ arguments: JSONObject, of tool: Tool) throws {
        self.init(arguments, tool: tool.name)
        try check(names: tool.inputSchema["properties"]?.object?.names ?? [])
        if let name = arguments.firstDuplicate { throw error(name, "is given twice; give it once") }
    }

    init(_ arguments: JSONObject, tool: String) {
        self.arguments = arguments
        self.tool = tool
    }

    func check(names: [String]) throws {
        guard let unknown = arguments.names.first(where: { given in !names.contains { $0.hasSameBytes(as: given) } })
        else { return }
        let known = names.isEmpty ? "it takes none" : "it takes \(names.joined(separator: ", "))"
        throw error(unknown, "is not an argument of this tool; \(known)")
    }

    func text(_ name: String) throws -> String {
        guard let text = try optionalText(name) else { throw error(name, "is missing; give it as a string") }
        return text
    }

    func optionalText(_ name: String) throws -> String? {
        guard let value = arguments[name], !value.isNull else { return nil }
        guard let text = value.string else { throw error(name, "must be a string, not a value of type \(value.kind)") }
        return text
    }

    func flag(_ name: String, default standard: Bool) throws -> Bool {
        guard let value = arguments[name], !value.isNull else { return standard }
        guard let flag = value.bool else {
            throw error(name, "must be true or false, not a value of type \(value.kind)")
        }
        return flag
    }

    /// An integer, brought into the range where it is outside.
    func integer(_ name: String, default standard: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let value = arguments[name], !value.isNull else { return standard }
        guard let integer = value.integer else {
            throw error(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return min(max(integer, range.lowerBound), range.upperBound)
    }

    func array(_ name: String) throws -> [JSONValue] {
        guard let value = arguments[name], !value.isNull else { throw error(name, "is missing; give it as an array") }
        guard let array = value.array else { throw error(name, "must be an array, not a value of type \(value.kind)") }
        return array
    }

    func texts(_ name: String) throws -> [String: String] {
        guard let value = arguments[name], !value.isNull else { return [:] }
        guard let object = value.object, object.firstDuplicate == nil else {
            throw error(name, "must be an object that names each member once")
        }
        var texts: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.string else { throw error(name, "must have strings as its members") }
            texts[member.name] = text
        }
        return texts
    }

    /// The bucket that an argument means: `name`, `s3://name` or `s3://name/…`.
    func bucket(_ name: String = "bucket") throws -> String {
        let given = try text(name)
        guard let bucket = BucketName(given) else {
            throw error(name, "is no bucket: \(BucketStoreError.quoted(given)); give it as name or s3://name")
        }
        return bucket.name
    }

    func object(_ name: String = "s3_uri") throws -> ObjectURI {
        let given = try text(name)
        guard let uri = ObjectURI(given) else {
            throw error(
                name, "is no object: \(BucketStoreError.quoted(given)); give it as s3://bucket/key, percent-encoded")
        }
        return uri
    }

    func encoding() throws -> TextEncoding {
        let name = try optionalText("encoding") ?? TextEncoding.utf8.rawValue
        guard let encoding = TextEncoding(name: name) else {
            let known = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("encoding", "\(BucketStoreError.quoted(name)) is not known here; use one of \(known)")
        }
        return encoding
    }

    func error(_ argument: String, _ message: String) -> ToolError {
        let shown = String(argument.prefix(64))
        return ToolError(
            "\(tool): \(shown) \(message)", structured: ["error": "invalid_argument", "argument": .string(shown)])
    }
}
