import Testing
import VestibuleProtocol

@testable import VestibuleHTTP

/// Requests that two readers may take for different things: whatever stands in front of the server, and the server.
@Suite("Ambiguous requests")
struct AmbiguityTests {
    @Test(
        "a request after one that offers another protocol is answered, or the connection ends at once",
        arguments: [
            "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAAA\r\n\r\n",
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(House.initialize.utf8.count)\r\n\r\n"
                + House.initialize,
            "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        ])
    func upgrade(_ request: String) async throws {
        try await House.with { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send(request)
                let reply = try await connection.reply()
                #expect(reply?.status == 200)
                #expect(reply?["Connection"] == "close")
                #expect(await connection.isEnded())
            }
            #expect(try await house.stillServes())
        }
    }

    @Test("a tunnel is refused, and the connection ends")
    func connect() async throws {
        try await House.with { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("CONNECT other.example:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                let reply = try await connection.reply()
                #expect((400..<500).contains(reply?.status ?? 0))
                #expect(reply?["Connection"] == "close")
                #expect(await connection.isEnded())
            }
        }
    }

    @Test("a transfer coding that names none is in doubt, with a length beside it or not")
    func emptyCoding() async throws {
        try await House.with { house in
            for length in ["", "Content-Length: 0\r\n"] {
                try await RawConnection.open(house.port) { connection in
                    try await connection.send(
                        "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding:\r\n\(length)\r\n")
                    let reply = try await connection.reply()
                    #expect(reply?.status == 400)
                    #expect(reply?.error?["message"]?.string?.contains("transfer coding") == true)
                    #expect(await connection.isEnded())
                }
            }
        }
    }

    @Test(
        "a target that names a host is served where the Host field names the same one",
        arguments: [
            ("http://127.0.0.1/mcp", 200), ("HTTP://127.0.0.1/mcp", 200), ("http://evil.example/mcp", 400),
            ("https://evil.example/mcp", 400), ("HTTP://evil.example/mcp", 400),
            ("http://127.0.0.1@evil.example/mcp", 400), ("http://127.0.0.1:80/mcp", 400),
        ])
    func absoluteTarget(_ target: String, _ status: Int) async throws {
        try await House.with { house in
            let reply = try await house.request(
                "POST", target, headers: [("Content-Type", "application/json")], body: House.initialize)
            #expect(reply.status == status)
        }
    }

    /// requirement: B-02, B-65
    @Test("a field that has one value comes once")
    func repeatedFields() async throws {
        try await House.with { house in
            let session = try await house.open()
            let other = try await house.open()
            let token = try house.keys.token()
            let twice = try await house.post(
                House.call("echo"), authorization: ["Bearer \(token)"], session: session,
                headers: [("Mcp-Session-Id", other)])
            #expect(twice.status == 400)
            #expect(twice.error?["message"]?.string?.contains("more than one Mcp-Session-Id") == true)
            let versions = try await house.post(
                House.ping, session: session,
                headers: [("MCP-Protocol-Version", "2025-11-25"), ("MCP-Protocol-Version", "2025-06-18")])
            #expect(versions.status == 400)
            let origins = [("Origin", "https://app.example.com"), ("Origin", "https://evil.example")]
            for order in [origins, origins.reversed()] {
                let reply = try await house.post(House.ping, session: session, headers: order)
                #expect(reply.status == 403)
                #expect(reply.reason == "origin_forbidden")
            }
            #expect(try await house.stillServes())
        }
    }

    @Test("fields behind a chunked body are no credential and no session")
    func trailers() async throws {
        try await House.with { house in
            let token = try house.keys.token()
            let session = try await house.open()
            let body = House.call("echo")
            let reply = try await RawConnection.open(house.port) { connection in
                try await connection.send(
                    headers: [
                        ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"),
                        ("Mcp-Session-Id", session),
                    ])
                try await connection.send(
                    "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\nAuthorization: Bearer \(token)\r\n\r\n")
                return try await connection.reply()
            }
            #expect(reply?.status == 401)
            #expect(reply?.reason == "token_missing")
        }
    }
}
