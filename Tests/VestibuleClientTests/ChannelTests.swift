import Synchronization
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// A server at the other end of a channel.
@Suite("Client of a channel")
struct ChannelTests {
    /// Answers by a table until its channel ends.
    private final class Peer: Sendable {
        typealias Answer = @Sendable (RPCMessage, InProcessChannel) async throws -> Void
        let received = Mutex<[RPCMessage]>([])
        let client: CheckedChannel
        let task: Task<Void, Never>

        init(_ answer: @escaping Answer) {
            let (ours, theirs) = InProcessChannel.pair()
            client = CheckedChannel(ours, judging: .client)
            let log = Log()
            self.log = log
            task = Task {
                while let bytes = try? await theirs.receive() {
                    guard let json = try? JSONParser().parse(bytes), let message = RPCMessage(json: json) else {
                        continue
                    }
                    log.messages.withLock { $0.append(message) }
                    try? await answer(message, theirs)
                }
                await theirs.close()
            }
        }

        final class Log: Sendable {
            let messages = Mutex<[RPCMessage]>([])
        }

        private let log: Log
        var methods: [String] {
            log.messages.withLock { messages in
                messages.map { message in
                    switch message {
                    case .request(_, let method, _), .notification(let method, _): method
                    case .result, .error: "answer"
                    }
                }
            }
        }
    }

    private static func legacy(_ message: RPCMessage, _ channel: InProcessChannel) async throws {
        guard case .request(let id, let method, let params) = message else { return }
        let answer: RPCMessage
        switch method {
        case "initialize":
            let result = InitializeResult(
                protocolVersion: .v2025_11_25, capabilities: [:], serverInfo: Implementation(name: "p", version: "1"))
            answer = .result(id: id, result.json)
        case "tools/call":
            try await channel.send(
                RPCMessage.request(id: .string("r"), method: "roots/list", params: nil).json.serialized)
            answer = .result(id: id, ToolResult(structured: params ?? [:]).json)
        default: answer = .error(id: id, RPCError(.methodNotFound, "no \(method)"))
        }
        try await channel.send(answer.json.serialized)
    }

    private static func modern(_ message: RPCMessage, _ channel: InProcessChannel) async throws {
        guard case .request(let id, let method, _) = message else { return }
        var result: JSONObject = ["resultType": "complete"]
        switch method {
        case "server/discover":
            result["supportedVersions"] = ["2026-07-28"]
            result["capabilities"] = [:]
        case "tools/call": result["content"] = []
        default: break
        }
        try await channel.send(RPCMessage.result(id: id, .object(result)).json.serialized)
    }

    // requirement, C-19, C-58
    @Test("a server of sessions is found out, spoken with, and its questions answered")
    func legacyPeer() async throws {
        let peer = Peer(Self.legacy)
        let client = MCPClient(
            channel: peer.client,
            configuration: MCPClientConfiguration(handlers: MCPClientHandlers(roots: { [Root(uri: "file:///a")] })))
        let result = try await client.callTool("echo", arguments: ["a": 1])
        #expect(result.structuredContent?["arguments"] == ["a": 1])
        await client.close()
        await peer.task.value
        #expect(
            peer.methods.prefix(4) == ["server/discover", "initialize", "notifications/initialized", "tools/call"])
    }

    // requirement: A-74, C-52
    @Test("a modern server is found out; a call that is given up is cancelled by a notification")
    func modernPeer() async throws {
        let reached = Latch()
        let peer = Peer { message, channel in
            if case .request(_, "tools/call", _) = message { return reached.open() }
            try await Self.modern(message, channel)
        }
        let client = MCPClient(channel: peer.client)
        let call = Task { try await client.callTool("echo") }
        try await reached.wait()
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        await client.close()
        await peer.task.value
        #expect(peer.methods == ["server/discover", "tools/call", "notifications/cancelled"])
    }

    // requirement: A-77
    @Test("the era of a process is not that of the next one by the same name")
    func eraOfProcess() async throws {
        let configuration = MCPClientConfiguration()
        for (answer, isModern) in [(Self.legacy, false), (Self.modern, true)] as [(Peer.Answer, Bool)] {
            let peer = Peer(answer)
            let client = MCPClient(channel: peer.client, configuration: configuration)
            try await client.connect()
            await client.close()
            await peer.task.value
            #expect(peer.methods.first == "server/discover")
            #expect(peer.methods.contains("initialize") != isModern)
        }
    }

    // requirement
    @Test("a server that does not answer the probe in time is one of sessions")
    func silent() async throws {
        let clock = FakeClock()
        let peer = Peer { message, channel in
            if case .request(_, "server/discover", _) = message { return }
            try await Self.legacy(message, channel)
        }
        let client = MCPClient(channel: peer.client, clock: clock)
        let connection = Task { try await client.initialize() }
        await clock.untilSomebodySleeps(for: .seconds(5))
        clock.advance(by: .seconds(5))
        #expect(try await connection.value.protocolVersion == .v2025_11_25)
        await client.close()
    }

    // requirement: A-75
    @Test("any error but those of the modern era means sessions", arguments: [-32602, -32000, -32603, 7])
    func anyError(code: Int) async throws {
        let peer = Peer { message, channel in
            guard case .request(let id, "server/discover", _) = message else {
                return try await Self.legacy(message, channel)
            }
            let error = RPCError(RPCError.Code(rawValue: code), "no")
            try await channel.send(RPCMessage.error(id: id, error).json.serialized)
        }
        let client = MCPClient(channel: peer.client)
        #expect(try await client.initialize().protocolVersion == .v2025_11_25)
        await client.close()
    }

    @Test("answers come in any order, and each finds its call; what is no message is passed over")
    func interleaved() async throws {
        let held = Mutex<[RequestID]>([])
        let peer = Peer { message, channel in
            guard case .request(let id, "tools/call", let params) = message else {
                return try await Self.modern(message, channel)
            }
            let ids = held.withLock { held in
                held.append(id)
                return held
            }
            _ = params
            guard ids.count == 3 else { return }
            try await channel.send(Array("debug: hello".utf8))
            for id in ids.reversed() {
                try await channel.send(
                    RPCMessage.result(id: id, ToolResult(content: [.text("\(id)")]).json).json.serialized)
            }
        }
        let client = MCPClient(channel: peer.client)
        try await client.initialize()
        let texts = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<3 { group.addTask { try await client.callTool("echo").content.first?.text } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(texts.count == 3)
        await client.close()
    }

    @Test("a channel that ends fails what is under way, and there is no other")
    func ended() async throws {
        let peer = Peer { message, channel in
            if case .request(_, "tools/call", _) = message { return await channel.close() }
            try await Self.modern(message, channel)
        }
        let client = MCPClient(channel: peer.client)
        #expect(try await failure { try await client.callTool("echo") }.code == .outcomeUnknown)
        #expect(try await failure { try await client.callTool("echo") }.code == .connection)
        await client.close()
        #expect(try await failure { try await client.callTool("echo") }.code == .closed)
    }

    // requirement: D-66, D-67, D-69, D-71, D-72
    @Test("subscriptions are told apart by their ids, and end when they are cancelled")
    func subscriptions() async throws {
        let peer = Peer { message, channel in
            guard case .request(let id, "subscriptions/listen", let params) = message else {
                return try await Self.modern(message, channel)
            }
            func tell(_ method: String, _ more: JSONObject = [:]) async throws {
                var params = more
                params["_meta"] = ["io.modelcontextprotocol/subscriptionId": id.json]
                try await channel.send(RPCMessage.notification(method: method, params: params).json.serialized)
            }
            let filter = params?["notifications"] ?? [:]
            try await tell("notifications/subscriptions/acknowledged", ["notifications": filter])
            if filter["toolsListChanged"] == true {
                try await tell("notifications/tools/list_changed")
            } else {
                try await tell("notifications/resources/updated", ["uri": "a://b"])
            }
        }
        let client = MCPClient(channel: peer.client)
        let tools = try await client.subscribe(to: SubscriptionFilter(toolsListChanged: true))
        let resource = try await client.subscribe(to: SubscriptionFilter(resourceSubscriptions: ["a://b"]))
        #expect(tools.honoured.toolsListChanged)
        #expect(resource.honoured.resourceSubscriptions == ["a://b"])
        var heard = tools.makeAsyncIterator()
        #expect(try await heard.next() == .toolsChanged)
        var updates = resource.makeAsyncIterator()
        #expect(try await updates.next() == .resourceUpdated(uri: "a://b"))
        await tools.cancel()
        await resource.cancel()
        await client.close()
        await peer.task.value
        #expect(peer.methods.count { $0 == "notifications/cancelled" } == 2)
    }
}
