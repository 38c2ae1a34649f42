package import VestibuleProtocol

extension MCPServer {
    /// Does what a request asks, in either era.
    ///
    /// `initialize` and `subscriptions/listen` are their carrier's, which alone can open a session or a stream.
    package func perform(_ call: ServerCall) async -> ServerReply {
        let offer = offer
        let features = offer.features
        switch call.envelope.method {
        case MCPMethod.callTool where features.contains(.tools): return await callTool(call, offer)
        case MCPMethod.listTools where features.contains(.tools):
            return list("tools", offer.tools, call, isShown: call.shows)
        case MCPMethod.listResources where features.contains(.resources):
            return list("resources", offer.resources, call)
        case MCPMethod.listResourceTemplates where features.contains(.resources):
            return list("resourceTemplates", offer.templates, call)
        case MCPMethod.readResource where features.contains(.resources): return await readResource(call, offer)
        case MCPMethod.listPrompts where features.contains(.prompts): return list("prompts", offer.prompts, call)
        case MCPMethod.getPrompt where features.contains(.prompts): return await getPrompt(call, offer)
        case MCPMethod.complete where features.contains(.completions): return await complete(call, offer)
        case MCPMethod.discover where call.isModern: return discover(call, offer)
        case MCPMethod.ping where !call.isModern: return .result(.object([:]))
        case MCPMethod.setLogLevel where configuration.offersLogging: return setLogLevel(call)
        case MCPMethod.subscribe where features.contains(.resources) && configuration.announcesChanges:
            return subscribe(call, offer)
        case MCPMethod.unsubscribe where features.contains(.resources) && configuration.announcesChanges:
            return unsubscribe(call)
        default:
            for served in offer.extensions {
                if let reply = await served.perform(call, on: self) { return reply }
            }
            return unknownMethod(call)
        }
    }

    func unknownMethod(_ call: ServerCall) -> ServerReply {
        .error(.methodNotFound, "this server has no method \(call.envelope.method.cut(toBytes: 128))")
    }

    /// Takes a notification. Those that mean nothing here are passed over.
    ///
    /// - Parameter scope: see ``ServerCall/scope``.
    package func receive(_ notification: Envelope, body: [UInt8], scope: ByteKey?) {
        guard notification.method == MCPMethod.cancelled, let scope,
            let params = try? CancelledParams(json: try notification.parsedParams(in: body))
        else { return }
        cancel(params.requestID, scope: scope)
    }

    // MARK: - Of a session

    private func setLogLevel(_ call: ServerCall) -> ServerReply {
        guard let session = call.session else { return unknownMethod(call) }
        do {
            session.logLevel = try SetLevelParams(json: try call.envelope.parsedParams(in: call.body)).level
            return .result(.object([:]))
        } catch {
            return ServerReply(.error(error.rpcError), detail: error.description)
        }
    }
}
