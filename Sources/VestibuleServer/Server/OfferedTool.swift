internal import HTTPTypes
internal import VestibuleProtocol

/// A tool with what is made of its schemas when it is registered.
struct OfferedTool: Sendable {
    let served: ServedTool
    let input: JSONSchema
    let output: JSONSchema?
    /// The arguments that modern requests repeat in header fields.
    let mirrors: ParameterHeaders

    /// - Throws: one line that says why the tool cannot be offered.
    init(_ served: ServedTool) throws(RegistrationProblem) {
        var served = served
        // Every input is an object; a schema that says so of nothing means it.
        if served.tool.inputSchema["type"] == nil { served.tool.inputSchema["type"] = "object" }
        let tool = served.tool
        self.served = served
        guard tool.inputSchema["type"]?.string?.hasSameBytes(as: "object") == true else {
            throw RegistrationProblem("its input schema has to say `type: object`")
        }
        do throws(JSONSchemaError) {
            input = try JSONSchema(compiling: .object(tool.inputSchema))
        } catch {
            throw RegistrationProblem("its input schema cannot be used: \(error)")
        }
        do throws(JSONSchemaError) {
            output =
                if let schema = tool.outputSchema { try JSONSchema(compiling: .object(schema)) } else { nil }
        } catch {
            throw RegistrationProblem("its output schema cannot be used: \(error)")
        }
        do throws(MalformedMessage) {
            mirrors = try ParameterHeaders(inputSchema: tool.inputSchema)
        } catch {
            throw RegistrationProblem("its input schema cannot be used: \(error)")
        }
    }

    /// Why the fields of a modern request do not say what its arguments say; `nil` where they do.
    func problem(comparing fields: HTTPFields, with arguments: JSONObject) -> String? {
        guard !mirrors.isEmpty else { return nil }
        return mirrors.problem(
            comparing: { name in HTTPField.Name(name).map { fields[values: $0] } ?? [] }, with: arguments)
    }

    /// The tool's handler, held to what the tool promises of its results, in whatever way they come to the client.
    var handler: ServedTool.Handler {
        { arguments, context in
            let result = try await served.handler(arguments, context)
            if let problem = problem(with: result) { throw BrokenPromise(problem: problem) }
            return result
        }
    }

    /// How a result breaks the tool's promise; `nil` where it keeps it.
    private func problem(with result: ToolResult) -> String? {
        guard let output, !result.isError else { return nil }
        guard let structured = result.structuredContent else {
            return "it promises structured content by its output schema, and gave none"
        }
        return output.problem(with: structured, calling: .structuredContent)
    }
}

/// A tool gave a result that is none by its output schema.
struct BrokenPromise: Error {
    let problem: String
}

/// A resource template with what is made of it when it is registered.
struct OfferedTemplate: Sendable {
    let served: ServedResourceTemplate
    private let template: URITemplate

    /// - Throws: one line that says why the template cannot be offered.
    init(_ served: ServedResourceTemplate) throws(RegistrationProblem) {
        self.served = served
        do throws(MalformedMessage) {
            template = try URITemplate(served.template.uriTemplate)
        } catch {
            throw RegistrationProblem(error.description)
        }
    }

    /// The template's variables as they stand in the URI; `nil` where it is none of this family.
    func variables(in uri: String) -> [String: String]? {
        template.match(uri)?.mapValues(\.text)
    }
}

/// Why something that was registered is not offered.
struct RegistrationProblem: Error, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
