import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing
import VestibuleProtocol

@testable import VestibuleClient

@Suite("Asking only hosts that may be asked")
struct GuardedTransportTests {
    private static let addresses: [String: [[UInt8]]] = [
        "public.test": [[8, 8, 8, 8]], "private.test": [[10, 0, 0, 1]], "carrier.test": [[100, 64, 0, 1]],
        "rebound.test": [[8, 8, 8, 8], [192, 168, 1, 1]], "loopback.test": [[127, 0, 0, 1]],
        "mapped.test": [Array(repeating: 0, count: 10) + [0xFF, 0xFF, 10, 0, 0, 1]],
        "metadata.test": [[169, 254, 169, 254]], "zero.test": [[0, 0, 0, 0]], "none.test": [],
        "unique.test": [[0xFD] + Array(repeating: 0, count: 14) + [1]], "localhost": [[10, 0, 0, 1]],
        "127.0.0.1": [[127, 0, 0, 1]], "2130706433": [[127, 0, 0, 1]], "0x7f.1": [[127, 0, 0, 1]],
        "::1": [Array(repeating: 0, count: 15) + [1]],
    ]

    private static let lookup = HostLookup { host in
        guard let found = addresses[host] else { throw TransportError(.notSent, "the host \(host) has no address") }
        return found.compactMap(NetworkAddress.init(bytes:))
    }

    private func permitted(_ url: String, network: Bool = false) async -> String {
        do {
            let target = try GuardedTarget(url: url)
            let found = try await target.permitted(
                Self.lookup.addresses(target.host), allowsPrivateNetwork: network)
            return found.map(\.description).joined(separator: " ")
        } catch {
            return "\(error)"
        }
    }

    /// requirement: F-46
    @Test(
        "a host is refused for any one of its addresses",
        arguments: [
            ("https://public.test/keys", "8.8.8.8"), ("https://PUBLIC.test:8443/keys?a", "8.8.8.8"),
            ("https://private.test", "at 10.0.0.1, a private address; allowPrivateNetwork: true lets it be asked"),
            ("https://carrier.test", "a private address; allowPrivateNetwork"),
            ("https://unique.test", "a private address"),
            ("https://mapped.test", "a private address"), ("https://rebound.test", "at 192.168.1.1, a private address"),
            ("https://loopback.test", "at 127.0.0.1, a loopback address; allowPrivateNetwork"),
            ("https://2130706433", "a loopback address"), ("https://0x7f.1", "a loopback address"),
            ("https://metadata.test", "a link-local address, which is never asked"),
            ("https://zero.test", "a reserved address, which is never asked"),
            ("https://unknown.test", "has no address"),
            ("http://127.0.0.1:9000/keys", "127.0.0.1"), ("http://[::1]:9000/keys", "0:0:0:0:0:0:0:1"),
            ("http://localhost/keys", "a private address, which is never asked"),
            ("http://public.test/keys", "plain http to another host"),
            ("http://2130706433/keys", "plain http to another host"),
        ])
    func guarded(_ url: String, expected: String) async {
        let found = await permitted(url)
        #expect(found == expected || (!expected.hasPrefix("8") && found.contains(expected)), "\(found)")
    }

    /// requirement: F-46
    @Test("private networks may be allowed, link-local ones and metadata services may not")
    func allowed() async {
        for host in ["private.test", "carrier.test", "unique.test", "mapped.test", "rebound.test", "loopback.test"] {
            let found = await permitted("https://\(host)", network: true)
            #expect(!found.contains("address"), "\(found)")
        }
        for host in ["metadata.test", "zero.test"] {
            #expect(await permitted("https://\(host)", network: true).contains("never asked"))
        }
        #expect(await permitted("http://private.test", network: true).contains("plain http"))
    }

    @Test(
        "a URL that two programs might read in two ways is refused",
        arguments: [
            "https://user@public.test/", "https://public.test@10.0.0.1/", "https://public.test:99999/",
            "https://public.test:0/", "https://public.test:/", "https://public.test:+80/", "https://%31%30.0.0.1/",
            "https://public.test\\@10.0.0.1/", "https://[::1%25eth0]/", "https://[::1/", "https://[]/", "https://",
            "ftp://public.test/", "https://public.test/#a", "https://pub\u{FF0E}test/", "https://a b/",
            "//public.test/",
            "https://[::1]x/", "https://::1/",
        ])
    func unreadable(_ url: String) async {
        let found = await permitted(url)
        #expect(found.contains("is not an https URL with a plain host name"), "\(found)")
    }

    /// Answers every request with a status, fields and a body.
    private func withServer<Result>(
        _ status: HTTPResponseStatus, _ fields: HTTPHeaders = [:], size: Int = 2,
        _ body: (Int) async throws -> Result
    ) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answers(status, fields, size))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(port)) } catch { result = .failure(error) }
        try await channel.close()
        return try result.get()
    }

    private final class Answers: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let status: HTTPResponseStatus
        private let fields: HTTPHeaders
        private let size: Int

        init(_ status: HTTPResponseStatus, _ fields: HTTPHeaders, _ size: Int) {
            (self.status, self.fields, self.size) = (status, fields, size)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: fields))),
                promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(repeating: 0x7B, count: size)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    /// requirement: F-46
    @Test("a name is connected to at the address that was judged, and asked for once")
    func pinned() async throws {
        try await withServer(.ok, ["cache-control": "max-age=7"]) { port in
            let asked = Mutex(0)
            // Only here does the name mean this machine; and only the first time.
            let lookup = HostLookup { _ in
                let turn = asked.withLock { count in
                    count += 1
                    return count
                }
                return [NetworkAddress(bytes: turn == 1 ? [127, 0, 0, 1] : [8, 8, 8, 8])].compactMap { $0 }
            }
            let transport = GuardedTransport(allowsPrivateNetwork: false, lookup: lookup)
            let reply = try await transport.send(
                TransportRequest(method: .get, url: "http://idp.localhost:\(port)/keys", timeout: .seconds(10)))
            #expect(reply.status == 200 && reply.fields[.cacheControl] == "max-age=7")
            #expect(try await reply.bytes(upTo: 10) == [0x7B, 0x7B])
            #expect(asked.withLock { $0 } == 1)
        }
    }

    @Test("the next address is tried where one does not answer, up to three")
    func several() async throws {
        try await withServer(.ok) { port in
            let lookup = HostLookup { _ in
                [[127, 0, 0, 2], [127, 0, 0, 3], [127, 0, 0, 1]].compactMap(NetworkAddress.init(bytes:))
            }
            let transport = GuardedTransport(allowsPrivateNetwork: false, lookup: lookup)
            let url = "http://localhost:\(port)/keys"
            let reply = try await transport.send(TransportRequest(method: .get, url: url))
            #expect(reply.status == 200)
        }
        let target = try GuardedTarget(url: "http://localhost/")
        let many = (1...9).compactMap { NetworkAddress(bytes: [127, 0, 0, $0]) }
        let tried = try target.permitted(many, allowsPrivateNetwork: false)
        #expect(tried.count == GuardedTransport.maximumTries)
    }

    /// requirement: F-46
    @Test("a redirect is an answer like any other, and not followed")
    func redirect() async throws {
        try await withServer(.found, ["location": "http://127.0.0.1:1/"]) { port in
            let request = TransportRequest(method: .get, url: "http://127.0.0.1:\(port)/")
            let reply = try await GuardedTransport().send(request)
            #expect(reply.status == 302)
        }
    }

    @Test("an answer over its bound is refused")
    func size() async throws {
        for (size, isGood) in [(1000, true), (1001, false)] {
            try await withServer(.ok, size: size) { port in
                let transport = GuardedTransport(maximumReplySize: 1000)
                let request = TransportRequest(method: .get, url: "http://127.0.0.1:\(port)/")
                let result = await Result { try await transport.send(request) }
                switch result {
                case .success: #expect(isGood)
                case .failure(let error): #expect(!isGood && (error as? MCPClientError)?.code == .replyTooLarge)
                }
            }
        }
    }

    @Test("the machine's own lookup finds its loopback addresses, and who is cancelled does not wait for it")
    func system() async throws {
        let found = try await HostLookup.system.addresses("localhost")
        #expect(!found.isEmpty && found.allSatisfy { $0.kind == .loopback }, "\(found)")
        #expect(try await HostLookup.system.addresses("127.1").map(\.description) == ["127.0.0.1"])
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await HostLookup.system.addresses("localhost")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
