public import VestibuleProtocol

/// What a prompt's maker may return: a text, which the user says, messages, or a whole ``GetPromptResult``.
public protocol PromptOutput {
    var promptResult: GetPromptResult { get }
}

extension String: PromptOutput {
    public var promptResult: GetPromptResult { GetPromptResult([.user(self)]) }
}

extension PromptMessage: PromptOutput {
    public var promptResult: GetPromptResult { GetPromptResult([self]) }
}

extension [PromptMessage]: PromptOutput {
    public var promptResult: GetPromptResult { GetPromptResult(self) }
}

extension GetPromptResult: PromptOutput {
    public var promptResult: GetPromptResult { self }
}

extension MCPServer {
    /// Offers a prompt whose arguments are a Swift type.
    ///
    /// ```swift
    /// struct Review: Codable { var code: String; var language: Language? }
    /// try server.prompt("review", "Reviews code") { (review: Review, context) in "Please review: \(review.code)" }
    /// ```
    ///
    /// The arguments that `prompts/list` shows are derived from the type: its properties, those that are not optional as
    /// required. Clients send texts, and numbers, booleans and enums are read from them. The values of an enum are
    /// suggested to whoever completes its argument.
    ///
    /// - Parameters:
    ///   - arguments: in place of the derived ones, as where the type is `[String: String]`.
    ///   - completions: suggestions for the arguments, by their names.
    ///   - make: what it throws becomes a JSON-RPC error: a ``ToolError`` with its own line, anything else with a general
    ///     one.
    /// - Throws: ``RegistrationError`` for a type whose properties cannot be written as texts.
    public func prompt<Arguments: Decodable & SendableMetatype, Output: PromptOutput & SendableMetatype>(
        _ name: String, _ description: String? = nil, title: String? = nil, arguments: [PromptArgument]? = nil,
        icons: [Icon] = [], completions: [String: Completer] = [:],
        make: @escaping @Sendable (_ arguments: Arguments, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        let schema = try JSONObject.derived(from: Arguments.self, for: "prompt \(name)")
        let derived = try schema.promptArguments(of: name)
        var completions = completions
        for (argument, values) in schema.choices where completions[argument] == nil {
            completions[argument] = { value, _, _ in .matching(value, among: values) }
        }
        let prompt = Prompt(
            name: name, title: title, description: description, arguments: arguments ?? derived, icons: icons)
        add(
            ServedPrompt(prompt, completions: completions) { texts, context in
                let object = JSONObject(texts.map { ($0.key, .string($0.value)) })
                let read: Arguments
                do {
                    read = try JSONValueDecoder(readsStrings: true).decode(from: .object(object))
                } catch {
                    throw RPCError(.invalidParams, "the arguments of prompt \(name) do not fit: \(error)")
                }
                return try await make(read, context).promptResult
            })
    }

    /// Offers a prompt without arguments.
    public func prompt<Output: PromptOutput & SendableMetatype>(
        _ name: String, _ description: String? = nil, title: String? = nil, icons: [Icon] = [],
        make: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) {
        let prompt = Prompt(name: name, title: title, description: description, icons: icons)
        add(ServedPrompt(prompt) { _, context in try await make(context).promptResult })
    }
}

extension JSONObject {
    /// The arguments of a prompt that its schema describes.
    fileprivate func promptArguments(of name: String) throws(RegistrationError) -> [PromptArgument] {
        let required = (self["required"]?.array ?? []).compactMap(\.string)
        var arguments: [PromptArgument] = []
        for member in self["properties"]?.object?.members ?? [] {
            switch member.value["type"]?.string {
            case "string", "integer", "number", "boolean": break
            default:
                throw RegistrationError(
                    "prompt \(name): its argument \(member.name) is no text; the arguments of prompts are texts, "
                        + "numbers, booleans and enums of them")
            }
            arguments.append(
                PromptArgument(
                    member.name, title: member.value["title"]?.string, description: member.value["description"]?.string,
                    isRequired: required.contains { $0.hasSameBytes(as: member.name) }))
        }
        return arguments
    }

    /// The values of those properties that have a choice of them.
    fileprivate var choices: [(String, [String])] {
        (self["properties"]?.object?.members ?? [])
            .compactMap { member in
                guard let values = member.value["enum"]?.array else { return nil }
                return (member.name, values.map { $0.string ?? $0.description })
            }
    }
}

extension Completion {
    /// Those of the values that begin with what is typed so far, letters in either case.
    public static func matching(_ typed: String, among values: some Sequence<String>) -> Completion {
        let start = typed.lowercased()
        return Completion(values.filter { $0.lowercased().hasPrefix(start) })
    }
}
