import Logging
import Synchronization
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleHTTP

@Suite("Serving over HTTP")
struct ServingTests {
    @Test("prints as its address: nothing of its keys, sites and configuration gets into a log of services")
    func description() {
        let server = VestibuleHTTPServer(
            endpoint: MCPEndpoint(
                configuration: EndpointConfiguration(
                    serverInfo: Implementation(name: "printed", version: "1"), resource: House.audience),
                gate: Gate(), verifier: TokenVerifier(issuers: [], clock: SystemClock()), tools: []),
            configuration: HTTPServerConfiguration(host: "127.0.0.1", port: 8080), logger: .init(label: "test"))
        let printed = ["\(server)", String(describing: server), String(reflecting: server)]
        #expect(printed.allSatisfy { $0 == "VestibuleHTTPServer(127.0.0.1:8080)" }, "\(printed)")
        #expect(Mirror(reflecting: server).children.isEmpty)
    }

    /// requirement: B-09, B-50, B-56
    @Test("a session from its handshake to its end, on one connection")
    func session() async throws {
        try await House.with { house in
            let token = try house.keys.token()
            try await RawConnection.open(house.port) { connection in
                let type = ("Content-Type", "application/json")
                try await connection.send(headers: [type], body: House.initialize)
                let opened = try await connection.reply()
                let session = ("Mcp-Session-Id", try #require(opened?["Mcp-Session-Id"]))
                try await connection.send(
                    headers: [type, session], body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
                let accepted = try await connection.reply()
                #expect(accepted?.status == 202)
                #expect(accepted?["Content-Length"] == "0")
                try await connection.send(headers: [type, session], body: House.list)
                #expect(try await connection.reply()?.result?["tools"]?.array?.count == 2)
                try await connection.send(headers: [type, session], body: House.call("echo"))
                #expect(try await connection.reply()?.status == 401)
                let bearer = ("Authorization", "Bearer \(token)")
                try await connection.send(headers: [type, session, bearer], body: House.call("echo"))
                #expect(try await connection.reply()?.result?["structuredContent"]?["subject"] == "ada")
                try await connection.send("DELETE", headers: [session, bearer])
                #expect(try await connection.reply()?.status == 204)
            }
            #expect(house.records.list.allSatisfy { $0.remoteAddress == "127.0.0.1" })
        }
    }

    @Test("HEAD is answered without a body, and the connection goes on", arguments: ["/healthz", "/mcp", "/nowhere"])
    func head(_ path: String) async throws {
        try await House.with { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("HEAD", path)
                #expect(try await connection.reply(toHead: true) != nil)
                try await connection.send("GET", "/healthz")
                #expect(try await connection.reply()?.json == ["status": "ok"])
            }
        }
    }

    @Test("pipelined requests are answered in their order")
    func pipelining() async throws {
        try await House.with { house in
            let session = try await house.open()
            try await RawConnection.open(house.port) { connection in
                let request = { (id: Int) in
                    let body = #"{"jsonrpc":"2.0","id":\#(id),"method":"ping"}"#
                    return "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "Mcp-Session-Id: \(session)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                }
                try await connection.send((0..<20).map(request).joined())
                for id in 0..<20 {
                    #expect(try await connection.reply()?.json?["id"]?.integer == id)
                }
            }
        }
    }

    @Test("what follows a good request and is none ends the connection after the answer")
    func pipelinedNonsense() async throws {
        try await House.with { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send(
                    "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n")
                #expect(try await connection.reply()?.status == 200)
                while let reply = try await connection.reply() { #expect(reply.status == 400) }
            }
            #expect(try await house.stillServes())
        }
    }

    @Test("a client that waits for 100 Continue gets it")
    func expectContinue() async throws {
        try await House.with { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send(
                    headers: [
                        ("Content-Type", "application/json"), ("Expect", "100-continue"),
                        ("Content-Length", "\(House.initialize.utf8.count)"),
                    ])
                #expect(try await connection.reply()?.status == 100)
                try await connection.send(House.initialize)
                #expect(try await connection.reply()?.status == 200)
            }
            try await RawConnection.open(house.port) { connection in
                try await connection.send(headers: [("Expect", "100-continue"), ("Content-Length", "\(5 << 20)")])
                #expect(try await connection.reply()?.status == 413)
            }
        }
    }

    @Test("HTTP/1.0 and Connection: close end the connection after the answer")
    func closing() async throws {
        try await House.with { house in
            for request in [
                "GET /healthz HTTP/1.0\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n",
            ] {
                try await RawConnection.open(house.port) { connection in
                    try await connection.send(request)
                    let reply = try await connection.reply()
                    #expect(reply?.status == 200)
                    #expect(reply?["Connection"] == "close")
                    #expect(await connection.isEnded())
                }
            }
        }
    }

    /// requirement: F-11
    @Test("health, readiness, metadata, and a 404 that names the endpoint")
    func paths() async throws {
        let ready = Flag(true)
        try await House.with(isReady: { ready.value }) { house in
            #expect(try await house.request("GET", "/healthz", host: "anything").status == 200)
            #expect(try await house.request("GET", "/readyz").status == 200)
            ready.value = false
            #expect(try await house.request("GET", "/readyz").status == 503)
            #expect(try await house.request("GET", "/healthz").status == 200)
            let metadata = try await house.request("GET", "/.well-known/oauth-protected-resource/mcp")
            #expect(metadata.json?["resource"]?.string == House.audience)
            let head = try await house.request("HEAD", "/.well-known/oauth-protected-resource")
            #expect(head.status == 200 && head.body.isEmpty)
            let nowhere = try await house.request("GET", "/nowhere")
            #expect(nowhere.status == 404)
            #expect(nowhere.error?["message"]?.string?.contains("/mcp") == true)
            let preflight = try await house.request("OPTIONS", headers: [("Origin", "https://app.example.com")])
            #expect(preflight.status == 204)
            #expect(preflight["Access-Control-Allow-Origin"] == "https://app.example.com")
            #expect(try await house.request("GET").status == 400)
            #expect(try await house.request(host: "evil.example").reason == "host_forbidden")
        }
    }

    @Test("a graceful shutdown lets a running call finish, takes nothing new, and ends without an error")
    func gracefulShutdown() async throws {
        let latch = Latch()
        let tool = ServedTool(Tool(name: "wait", inputSchema: ["type": "object"])) { _, _ in
            try await latch.wait()
            return ToolResult(content: [.text("done")])
        }
        try await House.with(tools: [tool]) { house in
            let token = try house.keys.token()
            let session = try await house.open()
            async let running = house.post(House.call("wait"), token: token, session: session)
            await latch.untilWaiting()
            await house.shutDown()
            // The listening socket closes a moment after the shutdown began.
            while (try? await house.request("GET", "/healthz")) != nil { await Task.yield() }
            latch.open()
            let reply = try await running
            #expect(reply.status == 200)
            #expect(reply.result?["content"]?.array?.first?["text"] == "done")
            #expect(reply["Connection"] == "close")
        }
    }

    @Test("a call that does not finish while draining is cancelled")
    func drainEnds() async throws {
        let latch = Latch()
        let tool = ServedTool(Tool(name: "wait", inputSchema: ["type": "object"])) { _, _ in
            try await latch.wait()
            return ToolResult(content: [])
        }
        try await House.with(tools: [tool], http: HTTPServerConfiguration(drain: .milliseconds(50))) { house in
            let token = try house.keys.token()
            let session = try await house.open()
            async let running = try? house.post(House.call("wait"), token: token, session: session)
            await latch.untilWaiting()
            await house.shutDown()
            let reply = await running
            #expect(reply?.result == nil)
        }
    }

    @Test("an idle connection does not hold up a shutdown")
    func idleAtShutdown() async throws {
        try await House.with { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/healthz")
                #expect(try await connection.reply()?.status == 200)
                await house.shutDown()
                #expect(await connection.isEnded())
            }
        }
    }

    @Test("a port that is taken is an error of run()")
    func takenPort() async throws {
        try await House.with { house in
            let other = VestibuleHTTPServer(
                endpoint: MCPEndpoint(
                    configuration: EndpointConfiguration(
                        serverInfo: Implementation(name: "other", version: "1"), resource: House.audience),
                    gate: Gate(), verifier: TokenVerifier(issuers: [], clock: SystemClock()), tools: []),
                configuration: HTTPServerConfiguration(port: house.port), logger: .init(label: "test"))
            await #expect(throws: (any Error).self) { try await other.run() }
        }
    }

    @Test("a peer that ends its side is answered what it asked, and the connection ends, long before it counts as idle")
    func halfClosed() async throws {
        let patient = HTTPServerConfiguration(idle: .seconds(600), linger: .seconds(600))
        try await House.with(http: patient) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/healthz")
                #expect(try await connection.reply()?.status == 200)
                connection.endOutput()
                #expect(await connection.isEnded())
            }
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/healthz")
                connection.endOutput()
                #expect(try await connection.reply()?.status == 200)
                #expect(await connection.isEnded())
            }
        }
    }

    @Test("connections over the maximum wait until another ends")
    func maximumConnections() async throws {
        try await House.with(http: HTTPServerConfiguration(maximumConnections: 1)) { house in
            let isServed = Flag(false)
            let second = try await RawConnection.open(house.port) { first in
                try await first.send("GET", "/healthz")
                #expect(try await first.reply()?.status == 200)
                let second = Task {
                    let reply = try await house.request("GET", "/healthz")
                    isServed.value = true
                    return reply.status
                }
                for _ in 0..<50 {
                    try await first.send("GET", "/healthz")
                    #expect(try await first.reply()?.status == 200)
                }
                #expect(!isServed.value)
                return second
            }
            #expect(try await second.value == 200)
        }
    }
}

private final class Flag: Sendable {
    private let state: Mutex<Bool>

    init(_ value: Bool) { state = Mutex(value) }

    var value: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
