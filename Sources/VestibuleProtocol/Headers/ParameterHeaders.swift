/// The arguments of a tool that requests mirror in headers, as `x-mcp-header` in its input schema asks for (MCP
/// 2026-07-28, Tools: `x-mcp-header`; Streamable HTTP: Custom Headers).
///
/// The headers let whoever stands in between route a call without reading its body. They prove nothing: who processes
/// the body compares them with it (``problem(comparing:with:)``).
public struct ParameterHeaders: Sendable, Hashable {
    /// The name of the annotation in a property's schema.
    public static let annotation = "x-mcp-header"
    /// The most annotations that one tool may have.
    public static let maximumCount = 32

    /// One argument that is mirrored.
    public struct Mirror: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable { case string, integer, boolean }

        /// The header's whole name: `Mcp-Param-Region`.
        public var header: String
        /// The names of the properties that lead to the argument, from the outermost.
        public var path: [String]
        public var kind: Kind
    }

    /// In the order of the schema.
    public let mirrors: [Mirror]

    /// Whether nothing is mirrored.
    public var isEmpty: Bool { mirrors.isEmpty }

    /// Reads the annotations of a tool's input schema.
    ///
    /// - Throws: ``MalformedMessage`` that says why the tool is invalid: an annotation that is empty, not a token of RFC
    ///   9110, there twice (without regard to case), on anything but a string, integer or boolean, or at a place that
    ///   `properties` alone do not lead to; or more than ``maximumCount`` of them. A client leaves such a tool out.
    public init(inputSchema: JSONObject) throws(MalformedMessage) {
        var search = AnnotationSearch()
        try search.visit(inputSchema, path: [], isReachable: true, depth: 0)
        mirrors = search.mirrors
    }

    /// The headers that mirror the arguments: none for those that are absent or null, or that are no text, number or
    /// boolean.
    public func fields(for arguments: JSONObject) -> [(name: String, value: String)] {
        mirrors.compactMap { mirror in
            guard let argument = arguments.value(at: mirror.path), let text = Self.text(of: argument) else {
                return nil
            }
            return (mirror.header, HeaderText.encode(text))
        }
    }

    /// Why the headers do not say what the arguments say, in one line; `nil` where they do.
    ///
    /// - Parameter fields: All values of a header, each as it stood, by the header's name.
    public func problem(comparing fields: (_ name: String) -> [String], with arguments: JSONObject) -> String? {
        for mirror in mirrors {
            let values = fields(mirror.header)
            let name = mirror.path.joined(separator: ".").cut(toBytes: 64)
            guard values.count < 2 else { return "\(mirror.header) came more than once" }
            guard let argument = arguments.value(at: mirror.path) else {
                guard values.isEmpty else { return "\(mirror.header) came, and argument \(name) did not" }
                continue
            }
            let text = Self.text(of: argument)
            guard let value = values.first else {
                guard text == nil else { return "\(mirror.header) is missing; it has to mirror argument \(name)" }
                continue
            }
            guard let decoded = HeaderText.decode(value) else {
                return "\(mirror.header) is not printable ASCII or well-formed base64"
            }
            guard let text, Self.matches(decoded, text, argument) else {
                return "\(mirror.header) differs from argument \(name)"
            }
        }
        return nil
    }

    /// An argument as a header says it: an integer in decimal, however it was written.
    private static func text(of argument: JSONValue) -> String? {
        switch argument {
        case .string(let text): text
        case .bool(let value): value ? "true" : "false"
        case .number(let number): number.integer.map { String($0) } ?? number.literal
        case .null, .array, .object: nil
        }
    }

    /// Numbers are compared by quantity: `42.0` is 42.
    private static func matches(_ header: String, _ text: String, _ argument: JSONValue) -> Bool {
        if header.hasSameBytes(as: text) { return true }
        guard let number = argument.number, let mirrored = JSONNumber(literal: header) else { return false }
        return number.isSameQuantity(as: mirrored)
    }
}

/// Walks through a schema for annotations, wherever one may stand.
private struct AnnotationSearch {
    /// Deeper than any schema that a parser lets through needs to be.
    static let maximumDepth = 128

    var mirrors: [ParameterHeaders.Mirror] = []

    mutating func visit(
        _ schema: JSONObject, path: [String], isReachable: Bool, depth: Int
    ) throws(MalformedMessage) {
        guard depth < Self.maximumDepth else {
            throw MalformedMessage("the input schema is more than \(Self.maximumDepth) levels deep")
        }
        if let value = schema[ParameterHeaders.annotation] {
            mirrors.append(try mirror(value, of: schema, path: path, isReachable: isReachable && !path.isEmpty))
        }
        for member in schema.members {
            let isProperties = isReachable && member.name == "properties"
            switch SubschemaKeyword(rawValue: member.name)?.shape {
            case .one:
                try visit(member.value, path: path, depth: depth)
            case .several:
                for element in member.value.array ?? [] { try visit(element, path: path, depth: depth) }
            case .named:
                for entry in member.value.object?.members ?? [] {
                    guard let schema = entry.value.object else { continue }
                    let path = path + [entry.name]
                    try visit(schema, path: path, isReachable: isProperties, depth: depth + 1)
                }
            case nil: break
            }
        }
    }

    private mutating func visit(_ schema: JSONValue, path: [String], depth: Int) throws(MalformedMessage) {
        if let object = schema.object { try visit(object, path: path, isReachable: false, depth: depth + 1) }
        for element in schema.array ?? [] {
            if let object = element.object { try visit(object, path: path, isReachable: false, depth: depth + 1) }
        }
    }

    private func mirror(
        _ value: JSONValue, of schema: JSONObject, path: [String], isReachable: Bool
    ) throws(MalformedMessage) -> ParameterHeaders.Mirror {
        let annotation = ParameterHeaders.annotation
        let place = path.isEmpty ? "the schema itself" : path.joined(separator: ".").cut(toBytes: 64)
        guard isReachable else {
            throw MalformedMessage("\(annotation) of \(place) stands where `properties` alone do not lead")
        }
        guard let name = value.string, !name.isEmpty, name.utf8.allSatisfy(\.isTokenCharacter) else {
            throw MalformedMessage("\(annotation) of \(place) is not a header name (a token of RFC 9110)")
        }
        guard let kind = schema["type"]?.string.flatMap(ParameterHeaders.Mirror.Kind.init) else {
            throw MalformedMessage("\(annotation) of \(place) needs a property of type string, integer or boolean")
        }
        let header = MCPHeader.param(name)
        if mirrors.contains(where: { $0.header.lowercased() == header.lowercased() }) {
            throw MalformedMessage("\(annotation) \(name) is there twice")
        }
        guard mirrors.count < ParameterHeaders.maximumCount else {
            throw MalformedMessage("there are more than \(ParameterHeaders.maximumCount) properties with \(annotation)")
        }
        return ParameterHeaders.Mirror(header: header, path: path, kind: kind)
    }
}

extension JSONObject {
    /// The value that the names lead to, if it is there and not null.
    fileprivate func value(at path: [String]) -> JSONValue? {
        guard let first = path.first, let value = self[first], !value.isNull else { return nil }
        return path.count == 1 ? value : value.object?.value(at: Array(path.dropFirst()))
    }
}

extension UInt8 {
    /// Whether the character may stand in a token (RFC 9110 §5.6.2).
    var isTokenCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
