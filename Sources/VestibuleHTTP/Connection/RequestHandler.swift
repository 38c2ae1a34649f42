internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import VestibuleServer

/// Makes requests of what comes, has them answered one after the other, and writes the answers.
///
/// An answer is begun right here, on the connection's event loop, and where it waits for nothing it is ready before the
/// loop goes on: handing a request over to another thread and its answer back costs more than all that is done for it
/// in between. What waits, such as a tool, goes on elsewhere, and so does what may take long, such as a large body.
final class RequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = Never
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Bytes of the largest body that is looked at on the event loop.
    static let largestBodyOnLoop = 64 << 10
    /// Bytes of a stream that are written before the peer has to take them.
    static let largestStreamPart = 16 << 10
    /// Bytes of a stream that the socket takes before the peer has to.
    static let largestUnsent = 64 << 10

    private let responder: Responder
    private let peer = PeerPresence()
    private let running: RunningTask
    private var context: ChannelHandlerContext?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// What came while an answer was being made, or while the peer did not read its answers. No read follows until that
    /// is through; what comes all the same, the guard bounds (``ConnectionGuard/maximumPipelined``).
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var isDrainingQueue = false
    private var holdsRead = false
    private var isAnswering = false
    private var isForHead = false
    /// The body that is being written bit by bit.
    private var stream: ByteStream?
    private var stall: Scheduled<Void>?
    private var isEnding = false
    private var willFlush = false
    private var answers = 0
    private lazy var address = context?.remoteAddress?.ipAddress

    init(responder: Responder, running: RunningTask) {
        self.responder = responder
        self.running = running
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting.removeAll()
        head = nil
        peerLeft()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Whoever closes its side while it is answered has gone, for all that HTTP clients do.
        if case ChannelEvent.inputClosed? = event as? ChannelEvent, isAnswering { peer.leave() }
        context.fireUserInboundEventTriggered(event)
    }

    /// Nobody is there to read. What is at work hears of it and ends, or goes on: what a call of the legacy era changes,
    /// it changes. A stream has nobody to stream to.
    private func peerLeft() {
        stall?.cancel()
        stall = nil
        peer.leave()
        stream?.cancel()
        if stream != nil { running.cancel() }
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard !mustWait(context), waiting.isEmpty else { return waiting.append(part) }
        take(part, context)
    }

    func read(context: ChannelHandlerContext) {
        if mustWait(context) {
            holdsRead = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { goOn(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Whether an answer is being made, or so much is written that the peer has to read some of it first.
    private func mustWait(_ context: ChannelHandlerContext) -> Bool {
        isAnswering || !context.channel.isWritable
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            self.head = head
        case .body(let bytes):
            body.append(contentsOf: bytes.readableBytesView)
        case .end:
            guard let head else { return }
            self.head = nil
            let request = EndpointRequest(head: HTTPRequest(head), body: body, remoteAddress: address, peer: peer)
            body = []
            answer(request, context)
        }
    }

    private func answer(_ request: EndpointRequest, _ context: ChannelHandlerContext) {
        isAnswering = true
        isForHead = request.head.method == .head
        answers += 1
        let number = answers
        let (responder, loop) = (responder, context.eventLoop)
        let this = NIOLoopBound(self, eventLoop: loop)
        let work: @Sendable () async -> Void = {
            let response = await responder.respond(to: request)
            if loop.inEventLoop {
                this.value.write(response)
            } else {
                loop.execute { this.value.write(response) }
            }
        }
        let task =
            if request.body.count <= Self.largestBodyOnLoop, #available(macOS 26, iOS 26, *) {
                Task.immediate { await work() }
            } else {
                Task { await work() }
            }
        if isAnswering, answers == number, stream == nil { running.set(task) }
    }

    private func answered() {
        isAnswering = false
        stream = nil
        running.clear()
        guard let context else { return }
        if isEnding, !isDrainingQueue {
            context.flush()
            return context.close(promise: nil)
        }
        goOn(context)
    }

    /// Goes on with what came in the meantime. A loop, not a recursion: however much came, the stack stays as it is.
    private func goOn(_ context: ChannelHandlerContext) {
        guard !isDrainingQueue else { return }
        isDrainingQueue = true
        while !mustWait(context), let part = waiting.popFirst() { take(part, context) }
        isDrainingQueue = false
        if holdsRead, !mustWait(context) {
            holdsRead = false
            context.read()
        }
    }

    // MARK: - Answers

    private func write(_ response: EndpointResponse) {
        guard let context else {
            if case .stream(let pieces) = response.body { pieces.cancel() }
            return answered()
        }
        var head = HTTPResponseHead(response.head)
        switch response.body {
        case .empty:
            // A 204 has no length (RFC 9110 §8.6). That of an answer to HEAD is its resource's, where it is known.
            if response.head.status != .noContent, response.head.status != .notModified,
                response.head.headerFields[.contentLength] == nil
            {
                head.headers.add(name: "Content-Length", value: "0")
            }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
        case .bytes(let bytes):
            head.headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if !isForHead {
                let buffer = context.channel.allocator.buffer(bytes: bytes)
                context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
            }
        case .stream(let pieces):
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            return stream(pieces, behind: head, context)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        flushSoon(context)
        answered()
    }

    /// Sends what is written at the end of the event loop's turn, with the answers of other connections to what came at
    /// the same time: peers are then woken once and not once for each. Where little comes, the turn ends at once.
    private func flushSoon(_ context: ChannelHandlerContext) {
        guard !willFlush else { return }
        willFlush = true
        context.eventLoop.assumeIsolated()
            .execute {
                self.willFlush = false
                self.context?.flush()
            }
    }

    /// The pieces go out one by one, in parts of at most ``largestStreamPart``, each when the one before has left for the
    /// peer: however little it reads, no more than one part waits here. The stream is given up once the connection has
    /// closed, which it also does with the stream's end.
    private func stream(_ pieces: ByteStream, behind head: HTTPResponseHead, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        context.channel.limitUnsentBytes(to: Self.largestUnsent)
        stream = pieces
        let loop = context.eventLoop
        let this = NIOLoopBound(self, eventLoop: loop)
        let send: @Sendable (HTTPServerResponsePart) async -> Bool = { part in
            (try? await loop.flatSubmit { this.value.send(part, loop) }.get()) != nil
        }
        let work: @Sendable () async -> Void = {
            await Self.write(pieces, send)
            pieces.cancel()
            _ = await send(.end(nil))
            loop.execute { this.value.answered() }
        }
        running.set(Task { await work() })
    }

    private static func write(
        _ pieces: ByteStream, _ send: @Sendable (HTTPServerResponsePart) async -> Bool
    ) async {
        for await piece in pieces {
            var start = 0
            while start < piece.count {
                let end = min(piece.count, start + largestStreamPart)
                guard await send(.body(.byteBuffer(ByteBuffer(bytes: piece[start..<end])))) else { return }
                start = end
            }
        }
    }

    /// Writes a part of a stream. The connection of a peer that does not take it in time is closed.
    private func send(_ part: HTTPServerResponsePart, _ loop: any EventLoop) -> EventLoopFuture<Void> {
        guard let context else { return loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        let sent = loop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(part), promise: sent)
        var isSent = false
        sent.futureResult.assumeIsolated()
            .whenComplete { _ in
                isSent = true
                self.stall?.cancel()
                self.stall = nil
            }
        guard !isSent else { return sent.futureResult }
        stall = loop.assumeIsolated()
            .scheduleTask(in: TimeAmount(responder.endpoint.streamStall)) { context.close(promise: nil) }
        return sent.futureResult
    }

    /// The server's end: the connection's, too, as soon as the answer that is being made is written.
    func end() {
        isEnding = true
        guard !isAnswering || stream != nil else { return }
        context?.flush()
        context?.close(promise: nil)
    }
}
