import Synchronization
import VestibuleClient

/// Does steps with one client, which answers whatever the server asks.
final class Driver: Sendable {
    struct Unknown: Error, CustomStringConvertible { let description: String }

    let client: MCPClient
    private let heard = Heard()

    init(_ options: Options) {
        let heard = heard
        var configuration = MCPClientConfiguration(
            clientInfo: Implementation(name: "interop-client", version: "1"),
            handlers: MCPClientHandlers(
                sample: { params in
                    heard.note("sampling/createMessage", params.json(for: nil))
                    return CreateMessageResult([.text("an answer")], model: "interop-model")
                },
                // Nothing is filled in: the defaults of the form are the answer.
                elicitForm: { message, schema in
                    heard.note("elicitation/create", ["message": .string(message), "schema": schema.json(for: nil)])
                    return .accept([:])
                },
                elicitURL: { message, url in
                    heard.note("elicitation/create", ["message": .string(message), "url": .string(url)])
                    return .accept()
                },
                roots: {
                    heard.note("roots/list", nil)
                    return [Root(uri: "file:///interop/root", name: "root")]
                },
                notification: { heard.note($0) }),
            era: options.era, callTimeout: .seconds(20), maximumCachedResults: 0, listens: .always)
        if let version = options.version { configuration.legacyVersions = [ProtocolVersion(rawValue: version)] }
        switch options.target {
        case .url(let url):
            client =
                if let token = options.token {
                    MCPClient(url: url, token: .fixed(token), configuration: configuration)
                } else {
                    MCPClient(url: url, configuration: configuration)
                }
        case .command(let command, let arguments):
            client = MCPClient(command: command, arguments: arguments, configuration: configuration)
        }
    }

    func run(_ step: JSONValue) async throws -> JSONValue {
        func text(_ name: String) -> String { step[name]?.string ?? "" }
        switch text("do") {
        case "connect":
            let server = try await client.connect()
            return ["version": .string(client.protocolVersion?.rawValue ?? ""), "server": server.json]
        case "tools":
            let tools = try await client.listTools()
            return [
                "names": .strings(tools.map(\.name)), "dropped": .strings(client.droppedTools.map(\.name)),
                "tools": .array(tools.map { $0.json(for: nil) }),
            ]
        case "resources": return .array(try await client.listResources().map { $0.json(for: nil) })
        case "templates": return .array(try await client.listResourceTemplates().map { $0.json(for: nil) })
        case "prompts": return .array(try await client.listPrompts().map { $0.json(for: nil) })
        case "call": return try await call(step)
        case "cancel": return try await cancel(step)
        case "read": return try await client.readResource(text("uri")).json(for: nil)
        case "prompt":
            let arguments = (step["arguments"]?.object?.members ?? []).map { ($0.name, $0.value.string ?? "") }
            return
                try await client.getPrompt(
                    text("name"), arguments: Dictionary(arguments, uniquingKeysWith: { $1 })
                )
                .json(for: nil)
        case "complete":
            guard let reference = step["ref"].flatMap(CompletionReference.init(json:)) else {
                throw Unknown(description: "ref is no reference")
            }
            return try await client.complete(reference, argument: (text("name"), text("value"))).json
        case "level":
            try await client.setLogLevel(LogLevel(rawValue: text("level")) ?? .info)
            return nil
        case "ping":
            try await client.ping()
            return nil
        case "subscribe": return try await subscribe(step)
        // Waits until so much was heard of one kind; then all that was heard.
        case "heard": return .array(try await heard.wait(for: text("kind"), count: step["count"]?.integer ?? 0))
        default: throw Unknown(description: "there is no step \(text("do"))")
        }
    }

    private func call(_ step: JSONValue) async throws -> JSONValue {
        let progress = Mutex<[JSONValue]>([])
        let result = try await client.callTool(
            step["tool"]?.string ?? "", arguments: step["arguments"]?.object ?? [:],
            logLevel: step["logLevel"]?.string.flatMap(LogLevel.init(rawValue:)),
            onProgress: { params in progress.withLock { $0.append(params.json) } })
        return ["result": result.json(for: nil), "progress": .array(progress.withLock { $0 })]
    }

    /// Calls a tool, and calls it off as soon as it shows progress.
    private func cancel(_ step: JSONValue) async throws -> JSONValue {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let call = Task { [client] in
            try await client.callTool(step["tool"]?.string ?? "", onProgress: { _ in start.yield() })
        }
        for await _ in started { break }
        call.cancel()
        do {
            return ["result": try await call.value.json(for: nil)]
        } catch is CancellationError {
            return "cancelled"
        }
    }

    private func subscribe(_ step: JSONValue) async throws -> JSONValue {
        let filter = step["filter"].flatMap(SubscriptionFilter.init(json:)) ?? SubscriptionFilter()
        let subscription = try await client.subscribe(to: filter)
        Task { [heard] in
            for try await notification in subscription { heard.note(notification, as: "subscription") }
        }
        return subscription.honoured.json
    }
}

/// What the server asked and said by itself.
final class Heard: Sendable {
    private struct State {
        var all: [JSONValue] = []
        var waiting: [(kind: String, count: Int, CheckedContinuation<Void, Never>)] = []

        func has(_ count: Int, _ kind: String) -> Bool { all.count { $0["kind"]?.string == kind } >= count }
    }

    private let state = Mutex(State())

    func note(_ kind: String, _ what: JSONValue?) {
        let ready = state.withLock { state in
            state.all.append(["kind": .string(kind), "what": what ?? .null])
            let waiting = state.waiting
            let ready = waiting.filter { state.has($0.count, $0.kind) }
            state.waiting = waiting.filter { !state.has($0.count, $0.kind) }
            return ready
        }
        for waiting in ready { waiting.2.resume() }
    }

    func note(_ notification: ServerNotification, as prefix: String = "notification") {
        let (kind, what): (String, JSONValue?) =
            switch notification {
            case .log(let params): ("log", params.json)
            case .toolsChanged: ("tools", nil)
            case .promptsChanged: ("prompts", nil)
            case .resourcesChanged: ("resources", nil)
            case .resourceUpdated(let uri): ("resource", .string(uri))
            case .elicitationCompleted(let id): ("elicitation", .string(id))
            case .taskChanged: ("task", nil)
            case .other(let method, let params): (method, params.map(JSONValue.object))
            }
        note("\(prefix) \(kind)", what)
    }

    func wait(for kind: String, count: Int) async throws -> [JSONValue] {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.has(count, kind) { return true }
                state.waiting.append((kind, count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { $0.all }
    }
}
