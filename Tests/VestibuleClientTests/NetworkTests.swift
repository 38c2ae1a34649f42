import HTTPTypes
import NIOCore
import NIOPosix
import Testing
import VestibuleClient
import VestibuleProtocol

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The transport against a real socket, whose answers are bytes.
@Suite("AsyncHTTPClient transport")
struct NetworkTests {
    /// Answers every connection's first bytes with these, and closes.
    private func withServer<Result>(
        _ answer: String, _ body: (String) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(CannedAnswer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        do {
            let result = try await body("http://127.0.0.1:\(port)/mcp")
            try await channel.close()
            return result
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class CannedAnswer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: String

        init(_ answer: String) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            context.close(mode: .output, promise: nil)
        }
    }

    private func get(_ url: String, timeout: Duration = .seconds(10)) async throws -> TransportResponse {
        try await AsyncHTTPClientTransport.shared.send(
            TransportRequest(method: .post, url: url, body: Array("{}".utf8), timeout: timeout))
    }

    @Test("status, fields and body come as they were sent")
    func plain() async throws {
        try await withServer("HTTP/1.1 201 Created\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello") { url in
            let response = try await get(url)
            #expect(response.status == 201)
            let name = try #require(HTTPField.Name("x-a"))
            #expect(response.fields[name] == "1")
            var bytes: [UInt8] = []
            for try await piece in response.body { bytes += piece }
            #expect(bytes == Array("hello".utf8))
        }
    }

    @Test("a redirect is an answer, not a way")
    func redirect() async throws {
        try await withServer("HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") { url in
            let response = try await get(url)
            #expect(response.status == 307)
        }
    }

    @Test("a connection that is refused was not sent, and says so at once")
    func refused() async throws {
        let held = try #require(HeldPort())
        defer { held.release() }
        let url = "http://127.0.0.1:\(held.port)/mcp"
        let error = await #expect(throws: TransportError.self) { try await get(url) }
        #expect(error?.progress == .notSent)
        let client = MCPClient(url: url)
        let failed = try await failure { try await client.connect() }
        #expect(failed.code == .connection)
        #expect(failed.message.contains("is the server running?"))
    }

    @Test("a connection that closes without an answer leaves the outcome unknown")
    func closed() async throws {
        try await withServer("") { url in
            let error = await #expect(throws: TransportError.self) { try await get(url) }
            #expect(error?.progress == .unknown)
        }
    }

    @Test("what speaks no HTTP, and no TLS, is named in words, without the libraries' own")
    func otherProtocols() async throws {
        try await withServer("SSH-2.0-OpenSSH_9.9\r\n") { url in
            let error = await #expect(throws: TransportError.self) { try await get(url) }
            #expect(error?.message == "what answers at \(url) does not speak HTTP; check the URL and its port")
        }
        try await withServer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") { url in
            let secure = "https" + url.dropFirst("http".count)
            let error = await #expect(throws: TransportError.self) { try await get(secure) }
            #expect(error?.message.hasPrefix("no TLS connection to \(secure): ") == true)
            #expect(error?.message.contains("does not speak TLS; is the URL http://") == true)
            #expect(error?.progress == .notSent)
        }
    }

    @Test("a body that breaks off leaves the outcome unknown")
    func cutBody() async throws {
        try await withServer("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello") { url in
            let response = try await get(url)
            let error = await #expect(throws: TransportError.self) { for try await _ in response.body {} }
            #expect(error?.progress == .unknown)
        }
    }

    @Test("a transport of one's own is closed afterwards")
    func scoped() async throws {
        try await withServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") { url in
            let status = try await AsyncHTTPClientTransport.withTransport { transport in
                try await transport.send(TransportRequest(method: .get, url: url)).status
            }
            #expect(status == 200)
        }
    }
}

/// A port that is taken and on which nobody listens, so that no other test can begin to.
private struct HeldPort {
    let port: UInt16
    private let descriptor: CInt

    init?() {
        #if canImport(Glibc)
            let stream = CInt(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { return nil }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
    }

    func release() { close(descriptor) }
}
