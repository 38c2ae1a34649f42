/// A strict JSON parser (RFC 8259): UTF-8 only, no byte order mark, no comments, no trailing commas, bounded in size,
/// depth and length of numbers.
public struct JSONParser: Sendable {
    public var limits: JSONLimits

    public init(limits: JSONLimits = JSONLimits()) {
        self.limits = limits
    }

    /// The one value that the bytes hold.
    ///
    /// - Throws: ``JSONError`` with the byte at which the text stops being acceptable.
    public func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        let result: Result<JSONValue, JSONError>? = bytes.withContiguousStorageIfAvailable { parseResult($0) }
        if let result { return try result.get() }
        return try Array(bytes).withUnsafeBufferPointer { parseResult($0) }.get()
    }

    /// The one value that the text holds.
    public func parse(_ text: String) throws(JSONError) -> JSONValue {
        var copy = text
        return try copy.withUTF8 { parseResult($0) }.get()
    }

    private func parseResult(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
        Result { () throws(JSONError) in try parseDocument(bytes) }
    }

    private func parseDocument(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
        var cursor = JSONCursor(bytes, limits: limits)
        try cursor.begin()
        let value = try parseValue(&cursor)
        try cursor.finish()
        return value
    }

    private func parseValue(_ cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
        switch cursor.current {
        case 0x7B: return .object(try parseObject(&cursor))
        case 0x5B: return .array(try parseArray(&cursor))
        case 0x22:
            let token = try cursor.scanString()
            return .string(cursor.text(of: token))
        case 0x74:
            try cursor.expect(literal: "true")
            return .bool(true)
        case 0x66:
            try cursor.expect(literal: "false")
            return .bool(false)
        case 0x6E:
            try cursor.expect(literal: "null")
            return .null
        default:
            let range = try cursor.scanNumber()
            return .number(JSONNumber(validated: String(decoding: cursor.bytes[range], as: UTF8.self)))
        }
    }

    private func parseArray(_ cursor: inout JSONCursor) throws(JSONError) -> [JSONValue] {
        try cursor.enter()
        var elements: [JSONValue] = []
        var isFirst = true
        while try cursor.hasNext(isFirst: &isFirst, closing: 0x5D) {
            elements.append(try parseValue(&cursor))
        }
        return elements
    }

    private func parseObject(_ cursor: inout JSONCursor) throws(JSONError) -> JSONObject {
        let start = cursor.index
        try cursor.enter()
        var members: [JSONObject.Member] = []
        var names = limits.duplicates == .refuse ? NamesSeen() : nil
        var isFirst = true
        while try cursor.hasNext(isFirst: &isFirst, closing: 0x7D) {
            let name = try cursor.scanMemberName()
            names?.note(name, in: cursor)
            members.append(JSONObject.Member(cursor.text(of: name), try parseValue(&cursor)))
        }
        let object = JSONObject(members: members)
        if let names, let name = names.firstDuplicate(of: object) {
            throw JSONError(.duplicateMember, at: start, "member \(name.shownInErrors) occurs twice in one object")
        }
        return object
    }
}

/// The names of an object's members, compared where they lie in the text while they are few.
private struct NamesSeen {
    private static let few = 16

    private var tokens: [JSONCursor.StringToken] = []
    private var duplicate: String?

    mutating func note(_ name: JSONCursor.StringToken, in cursor: JSONCursor) {
        guard tokens.count < Self.few else { return }
        if duplicate == nil, tokens.contains(where: { cursor.isSameText($0, name) }) {
            duplicate = cursor.text(of: name)
        }
        tokens.append(name)
    }

    func firstDuplicate(of object: JSONObject) -> String? {
        duplicate ?? (object.count > Self.few ? object.firstDuplicate : nil)
    }
}

extension JSONValue {
    /// Parses with the default limits.
    public init(parsing text: String) throws(JSONError) {
        self = try JSONParser().parse(text)
    }

    /// Parses with the default limits.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try JSONParser().parse(bytes)
    }
}
