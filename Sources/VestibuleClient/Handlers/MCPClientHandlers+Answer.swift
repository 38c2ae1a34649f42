internal import VestibuleProtocol

extension MCPClientHandlers {
    /// Lets the handler answer that is there for it.
    ///
    /// - Throws: ``RPCError`` that says why there is no answer, or `CancellationError`.
    func answer(_ request: InputRequest) async throws -> InputResponse {
        if let error = refusal(of: request) { throw error }
        do {
            switch request {
            case .sampling(let params):
                guard let sample else { throw Self.unoffered(request.method) }
                return .sampling(try await sample(params))
            case .roots:
                guard let roots else { throw Self.unoffered(request.method) }
                return .roots(ListRootsResult(try Self.checked(await roots())))
            case .elicitation(let params):
                switch params.mode {
                case .form(let schema):
                    guard let elicitForm else { throw Self.unofferedMode("form") }
                    return .elicitation(try Self.completed(await elicitForm(params.message, schema), by: schema))
                case .url(let url, _):
                    guard let elicitURL else { throw Self.unofferedMode("url") }
                    var result = try await elicitURL(params.message, url)
                    // What was done behind the URL is nobody's business here.
                    result.content = nil
                    return .elicitation(result)
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch let error as RPCError {
            throw error
        } catch let error as MalformedMessage {
            throw RPCError(.internalError, "the client's answer is not what was asked for: \(error)")
        } catch {
            // What went wrong here is for our own log; the server need not know our files and hosts.
            throw RPCError(.internalError, "the client could not answer \(request.method)")
        }
    }

    /// Whether there is a handler for requests of this method.
    func mayAnswer(_ method: String) -> Bool {
        switch method {
        case MCPMethod.createMessage: sample != nil
        case MCPMethod.elicit: elicitForm != nil || elicitURL != nil
        case MCPMethod.listRoots: roots != nil
        default: false
        }
    }

    var isThereAny: Bool {
        sample != nil || elicitForm != nil || elicitURL != nil || roots != nil || notification != nil
    }

    /// Why a request is not answered at all: nobody declared to.
    func refusal(of request: InputRequest) -> RPCError? {
        guard capabilities.missing(request.neededCapability) != nil else { return nil }
        switch request {
        case .elicitation(let params) where capabilities.elicitation != nil:
            if case .form = params.mode { return Self.unofferedMode("form") }
            return Self.unofferedMode("url")
        case .sampling where capabilities.sampling != nil:
            return RPCError(.invalidParams, "this client does not offer sampling with tools")
        default:
            return Self.unoffered(request.method)
        }
    }

    static func unoffered(_ method: String) -> RPCError {
        RPCError(.methodNotFound, "this client does not offer \(method.onOneLine(limit: 80))")
    }

    private static func unofferedMode(_ mode: String) -> RPCError {
        RPCError(.invalidParams, "this client does not offer elicitation in \(mode) mode")
    }

    private static func checked(_ roots: [Root]) throws(MalformedMessage) -> [Root] {
        for root in roots where !root.uri.utf8.starts(with: "file://".utf8) {
            throw MalformedMessage("a root is not a file: URI")
        }
        return roots
    }

    /// The answer with the schema's defaults where it says nothing (SEP-1034), if it is as the schema says.
    private static func completed(
        _ result: ElicitationResult, by schema: ElicitationSchema
    ) throws(MalformedMessage) -> ElicitationResult {
        var result = result
        guard result.action == .accept else {
            result.content = nil
            return result
        }
        var content = result.content ?? [:]
        for member in schema.defaults.members where content[member.name] == nil {
            content[member.name] = member.value
        }
        if let problem = problem(in: content, by: schema) { throw MalformedMessage(problem) }
        result.content = content
        return result
    }

    private static func problem(in content: JSONObject, by schema: ElicitationSchema) -> String? {
        // A schema that cannot be understood is the server's affair: it will look at the answer itself.
        guard let validator = try? JSONSchema(compiling: schema.json) else { return nil }
        return validator.problem(
            with: .object(content), calling: JSONSchema.Wording(whole: "the answer", part: "its "))
    }
}
