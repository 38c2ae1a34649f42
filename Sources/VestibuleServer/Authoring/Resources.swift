public import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a resource's reader may return besides texts, bytes and `Codable` values: contents that say their own URI.
public protocol ResourceOutput {
    var resourceContents: [ResourceContents] { get }
}

extension ResourceContents: ResourceOutput {
    public var resourceContents: [ResourceContents] { [self] }
}

extension [ResourceContents]: ResourceOutput {
    public var resourceContents: [ResourceContents] { self }
}

extension Optional: ResourceOutput where Wrapped: ResourceOutput {
    /// None: there is no such resource.
    public var resourceContents: [ResourceContents] { self?.resourceContents ?? [] }
}

extension MCPServer {
    /// Offers a resource.
    ///
    /// ```swift
    /// server.resource("config://app", name: "Configuration") { context in configuration }
    /// ```
    ///
    /// A `String` is read as text (`text/plain` unless `mimeType` says otherwise), `[UInt8]` and `Data` as bytes
    /// (`application/octet-stream`), anything else `Codable` as its JSON (`application/json`), `nil` as no such resource.
    ///
    /// - Parameters:
    ///   - uri: a resource of that URI is replaced.
    ///   - size: in bytes, where it is known.
    ///   - cache: for how long and for whom what is read may be kept (2026-07-28).
    ///   - read: what it throws becomes a JSON-RPC error: a ``ToolError`` with its own line, anything else with a general
    ///     one.
    public func resource<Output: Codable & SendableMetatype>(
        _ uri: String, name: String, _ description: String? = nil, title: String? = nil, mimeType: String? = nil,
        size: Int? = nil, annotations: Annotations? = nil, icons: [Icon] = [], cache: CacheHint = .uncached,
        read: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) {
        let mimeType = mimeType ?? ResourceForm(of: Output.self).mimeType
        let resource = Resource(
            uri: uri, name: name, title: title, description: description, mimeType: mimeType, size: size,
            annotations: annotations, icons: icons)
        add(
            ServedResource(resource, cache: cache) { context in
                try ResourceForm.contents(of: await read(context), uri: uri, mimeType: mimeType) ?? []
            })
    }

    /// Offers a resource whose contents say themselves what they are.
    public func resource<Output: ResourceOutput & SendableMetatype>(
        _ uri: String, name: String, _ description: String? = nil, title: String? = nil, mimeType: String? = nil,
        size: Int? = nil, annotations: Annotations? = nil, icons: [Icon] = [], cache: CacheHint = .uncached,
        read: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) {
        let resource = Resource(
            uri: uri, name: name, title: title, description: description, mimeType: mimeType, size: size,
            annotations: annotations, icons: icons)
        add(ServedResource(resource, cache: cache) { try await read($0).resourceContents })
    }

    /// Offers a family of resources.
    ///
    /// ```swift
    /// struct User: Codable { var id: Int }
    /// try server.resourceTemplate("users://{id}/profile", name: "Profile") { (user: User, context) in profile(user.id) }
    /// ```
    ///
    /// - Parameters:
    ///   - uriTemplate: by RFC 6570. A template that is spelt the same is replaced.
    ///   - completions: suggestions for the variables, by their names.
    ///   - read: gets the variables as a type with a property for each, or as `[String: String]`; a URI whose variables
    ///     cannot be read as that is no such resource. What it returns is taken as for
    ///     ``resource(_:name:_:title:mimeType:size:annotations:icons:cache:read:)``.
    /// - Throws: ``RegistrationError`` where the type needs what is no variable of the template.
    public func resourceTemplate<Variables: Decodable & SendableMetatype, Output: Codable & SendableMetatype>(
        _ uriTemplate: String, name: String, _ description: String? = nil, title: String? = nil,
        mimeType: String? = nil, annotations: Annotations? = nil, icons: [Icon] = [],
        cache: CacheHint = .uncached, completions: [String: Completer] = [:],
        read: @escaping @Sendable (_ variables: Variables, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try checkVariables(of: Variables.self, in: uriTemplate)
        let mimeType = mimeType ?? ResourceForm(of: Output.self).mimeType
        let template = ResourceTemplate(
            uriTemplate: uriTemplate, name: name, title: title, description: description, mimeType: mimeType,
            annotations: annotations, icons: icons)
        add(
            ServedResourceTemplate(template, cache: cache, completions: completions) { uri, variables, context in
                guard let variables: Variables = Self.read(variables) else { return nil }
                return try ResourceForm.contents(of: await read(variables, context), uri: uri, mimeType: mimeType)
            })
    }

    /// Offers a family of resources whose contents say themselves what they are.
    ///
    /// - Throws: ``RegistrationError`` where the type needs what is no variable of the template.
    public func resourceTemplate<Variables: Decodable & SendableMetatype, Output: ResourceOutput & SendableMetatype>(
        _ uriTemplate: String, name: String, _ description: String? = nil, title: String? = nil,
        mimeType: String? = nil, annotations: Annotations? = nil, icons: [Icon] = [],
        cache: CacheHint = .uncached, completions: [String: Completer] = [:],
        read: @escaping @Sendable (_ variables: Variables, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try checkVariables(of: Variables.self, in: uriTemplate)
        let template = ResourceTemplate(
            uriTemplate: uriTemplate, name: name, title: title, description: description, mimeType: mimeType,
            annotations: annotations, icons: icons)
        add(
            ServedResourceTemplate(template, cache: cache, completions: completions) { _, variables, context in
                guard let variables: Variables = Self.read(variables) else { return nil }
                return try await read(variables, context).resourceContents
            })
    }

    private static func read<Variables: Decodable>(_ variables: [String: String]) -> Variables? {
        let object = JSONObject(variables.map { ($0.key, .string($0.value)) })
        return try? JSONValueDecoder(readsStrings: true).decode(Variables.self, from: .object(object))
    }

    private func checkVariables<Variables: Decodable>(
        of type: Variables.Type, in uriTemplate: String
    ) throws(RegistrationError) {
        let subject = "resource template \(uriTemplate.cut(toBytes: 256).onOneLine())"
        let schema = try JSONObject.derived(from: type, for: subject)
        guard schema["type"] == "object" else {
            throw RegistrationError("\(subject): its variables are read as a struct or as [String: String]")
        }
        let missing = (schema["required"]?.array ?? []).compactMap(\.string).first { !uriTemplate.names(variable: $0) }
        if let missing {
            throw RegistrationError("\(subject): \(type) needs \(missing), which is no variable of the template")
        }
    }
}

extension String {
    /// Whether an expression of the URI template names the variable (RFC 6570 §2.3).
    fileprivate func names(variable: String) -> Bool {
        split(separator: "{").dropFirst()
            .contains { part in
                guard let expression = part.split(separator: "}", omittingEmptySubsequences: false).first else {
                    return false
                }
                return expression.drop { "+#./;?&=,!@|".contains($0) }.split(separator: ",")
                    .contains { name in
                        String(name.prefix { $0 != ":" && $0 != "*" }).hasSameBytes(as: variable)
                    }
            }
    }
}

/// How a value is read as a resource.
enum ResourceForm {
    case text, bytes, json

    init<Output>(of type: Output.Type) {
        if type is String.Type || type is String?.Type {
            self = .text
        } else if type is [UInt8].Type || type is Data.Type || type is [UInt8]?.Type || type is Data?.Type {
            self = .bytes
        } else {
            self = .json
        }
    }

    var mimeType: String {
        switch self {
        case .text: "text/plain"
        case .bytes: "application/octet-stream"
        case .json: "application/json"
        }
    }

    /// `nil` where there is nothing.
    static func contents(
        of output: some Codable, uri: String, mimeType: String
    ) throws -> [ResourceContents]? {
        if let optional = output as? any OptionalValue, optional.isNone { return nil }
        if let text = output as? String { return [.text(text, uri: uri, mimeType: mimeType)] }
        if let bytes = output as? [UInt8] { return [.bytes(bytes, uri: uri, mimeType: mimeType)] }
        if let data = output as? Data { return [.bytes(Array(data), uri: uri, mimeType: mimeType)] }
        return [.text(try JSONValueEncoder().encode(output).description, uri: uri, mimeType: mimeType)]
    }
}

private protocol OptionalValue {
    var isNone: Bool { get }
}

extension Optional: OptionalValue {
    fileprivate var isNone: Bool { self == nil }
}
