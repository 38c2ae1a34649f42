internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization
internal import VestibuleProtocol

/// A server on 127.0.0.1 that lives for one answer.
struct LoopbackSession: AuthorizationSession {
    let redirectURI: String
    private let timeout: Duration
    private let clock: any WallClock
    private let open: @Sendable (String) async throws -> Void
    private let server: any Channel
    private let receiver: LoopbackReceiver

    init(
        port: Int, timeout: Duration, clock: any WallClock, requestTime: Duration = .seconds(10),
        open: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let receiver = LoopbackReceiver()
        self.receiver = receiver
        self.server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        LoopbackHandler(receiver, requestTime: .nanoseconds(Int64(requestTime.inSeconds * 1e9))))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let port = server.localAddress?.port ?? port
        self.redirectURI = "http://127.0.0.1:\(port)\(LoopbackAuthorizationUI.path)"
        self.timeout = timeout
        self.clock = clock
        self.open = open
    }

    func authorize(_ url: String) async throws -> String {
        receiver.expect(state: QueryParameters(url: url)?["state"])
        let base = redirectURI.dropLast(LoopbackAuthorizationUI.path.utf8.count)
        return try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { [receiver] in
                for await target in receiver.answers { return base + target }
                try Task.checkCancellation()
                throw MCPClientError.signInFailed(
                    "something on this machine keeps asking for the answer of the sign-in; try again")
            }
            group.addTask { [clock, timeout] in
                try await clock.sleep(for: timeout)
                throw MCPClientError.signInFailed(
                    "nobody signed in within \(TokenJudge.inWords(timeout.inSeconds)); try again, and open the page "
                        + "that is shown")
            }
            group.addTask { [open] in
                try await open(url)
                return nil
            }
            defer { group.cancelAll() }
            while let answer = try await group.next() {
                if let answer { return answer }
            }
            throw CancellationError()
        }
    }

    func end() async {
        receiver.finish()
        try? await server.close().get()
    }
}

/// Judges what comes to the server, and passes the one answer on.
final class LoopbackReceiver: Sendable {
    static let maximumConnections = 16
    static let maximumStrangers = 50
    static let maximumTarget = 8 * 1024

    private struct State {
        var expected: String?
        var connections = 0
        var strangers = 0
        var isDone = false
    }

    private let state = Mutex(State())
    let answers: AsyncStream<String>
    private let feed: AsyncStream<String>.Continuation

    init() {
        (answers, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func expect(state expected: String?) { state.withLock { $0.expected = expected } }
    func finish() { feed.finish() }

    /// Whether one more connection is served; each that is has to leave.
    func enter() -> Bool {
        state.withLock { state in
            guard state.connections < Self.maximumConnections else { return false }
            state.connections += 1
            return true
        }
    }

    func leave() { state.withLock { $0.connections -= 1 } }

    enum Verdict: Sendable {
        case answer
        case notFound
        /// An answer, but to another sign-in, or after this one's.
        case unexpected
    }

    /// - Parameters:
    ///   - host: `Host`: a page of another site that reaches this port under a name of its own is not listened to.
    func receive(method: String, target: String, hosts: [String]) -> Verdict {
        let path = target.prefix { $0 != "?" }
        let isOurHost = hosts.count == 1 && hosts.allSatisfy(Self.isOurs)
        let verdict = state.withLock { state -> Verdict in
            let isAnswer =
                method == "GET" && isOurHost && target.utf8.count <= Self.maximumTarget
                && path == LoopbackAuthorizationUI.path
            let belongs = isAnswer && Self.states(target, state.expected)
            if belongs, !state.isDone {
                state.isDone = true
                return .answer
            }
            state.strangers += 1
            return isAnswer ? .unexpected : .notFound
        }
        if state.withLock({ $0.strangers >= Self.maximumStrangers }) { feed.finish() }
        return verdict
    }

    /// Passes the answer on, once the person has been told: whoever waits for it may end the process.
    func pass(_ target: String) { feed.yield(target) }

    /// `127.0.0.1` or `localhost`, with or without a port.
    private static func isOurs(_ host: String) -> Bool {
        let name = host.prefix { $0 != ":" }
        let port = host.dropFirst(name.count + 1)
        return (name == "127.0.0.1" || name.lowercased() == "localhost")
            && port.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func states(_ target: String, _ expected: String?) -> Bool {
        guard let expected else { return false }
        return QueryParameters(url: target)?["state"]?.hasSameBytes(as: expected) ?? false
    }
}

/// One connection: one request, one small page.
private final class LoopbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let receiver: LoopbackReceiver
    private let requestTime: TimeAmount
    private var head: HTTPRequestHead?
    private var hasEntered = false

    init(_ receiver: LoopbackReceiver, requestTime: TimeAmount) {
        self.receiver = receiver
        self.requestTime = requestTime
    }

    func channelActive(context: ChannelHandlerContext) {
        guard receiver.enter() else { return context.close(promise: nil) }
        hasEntered = true
        let channel = context.channel
        // A browser may open a connection only to have it; a stranger may, to keep others out.
        channel.eventLoop.scheduleTask(in: requestTime) { channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if hasEntered { receiver.leave() }
        hasEntered = false
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return context.close(promise: nil) }
            let verdict = receiver.receive(
                method: head.method.rawValue, target: head.uri, hosts: head.headers["host"])
            respond(to: verdict, target: head.uri, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func respond(
        to verdict: LoopbackReceiver.Verdict, target: String, _ context: ChannelHandlerContext
    ) {
        let (status, text): (HTTPResponseStatus, String) =
            switch verdict {
            case .answer: (.ok, "The answer has arrived. You can close this page and go back.")
            case .unexpected: (.badRequest, "This answer belongs to another sign-in. You can close this page.")
            case .notFound: (.notFound, "There is nothing here.")
            }
        let page = "<!doctype html><meta charset=utf-8><title>Vestibule</title><p>\(text)</p>\n"
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: "text/html; charset=utf-8")
        headers.add(name: "Content-Length", value: "\(page.utf8.count)")
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'")
        headers.add(name: "Referrer-Policy", value: "no-referrer")
        headers.add(name: "X-Content-Type-Options", value: "nosniff")
        headers.add(name: "Connection", value: "close")
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: page)))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil)))
            .whenComplete { [receiver] _ in
                channel.close(promise: nil)
                if case .answer = verdict { receiver.pass(target) }
            }
    }
}
