internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import VestibuleProtocol
internal import VestibuleServer

/// Keeps one connection within its bounds: what it may send, how fast, and in which framing.
///
/// Sits between the decoder and the handler of requests. What it turns away it answers itself and never hands on; the connection
/// then ends, since where the next message begins is unknown or unwanted. ``MessageRules`` and ``BodyPace`` decide;
/// this does the I/O.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Reading {
        case head
        case body(HTTPRequestHead, BodyPace)
        /// Nothing more is handed on: the connection ends when the answers that are due are written.
        case over
    }

    /// Requests that may wait for the answers to those before them. Whoever sends more at once is answered these, and the
    /// connection ends: what has no answer by then may be sent again (RFC 9112 §9.3.2).
    static let maximumPipelined = 128

    private let watch: ByteWatch
    private let configuration: HTTPServerConfiguration
    private let endpoint: MCPEndpoint
    private var reading = Reading.head
    /// Requests that were handed on and whose answer is not written to its end.
    private var unanswered = 0
    private var isAnswering = false
    private var closesWhenAnswered = false
    /// Whether the answer that is being written is the connection's last, by its own word.
    private var isLastAnswer = false
    private var hasFinished = false
    /// Succeeds when the last answer has left for the peer.
    private var lastAnswer: EventLoopFuture<Void>?
    private var lastActive = NIODeadline.now()
    private var deadline: Scheduled<Void>?
    private var idleCheck: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(watch: ByteWatch, configuration: HTTPServerConfiguration, endpoint: MCPEndpoint) {
        self.watch = watch
        self.configuration = configuration
        self.endpoint = endpoint
    }

    // MARK: - What comes in

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { watchIdleness(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        watchIdleness(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), reading) {
        case (_, .over):
            break
        case (.head(let head), _):
            disarm()
            readHead(head, data, context)
        case (.body(let bytes), .body(let head, var pace)):
            pace.received += bytes.readableBytes
            guard pace.received <= endpoint.maximumBodySize else {
                return turnAway(.contentTooLarge, tooLarge, head, context)
            }
            reading = .body(head, pace)
            context.fireChannelRead(data)
        case (.end, _):
            disarm()
            reading = closesWhenAnswered ? .over : .head
            watch.hasBytes = false
            context.fireChannelRead(data)
        case (.body, .head):
            context.fireChannelRead(data)
        }
    }

    private var tooLarge: String { "the body has more than \(endpoint.maximumBodySize) bytes" }

    private func readHead(_ head: HTTPRequestHead, _ data: NIOAny, _ context: ChannelHandlerContext) {
        switch MessageRules(maximumBodySize: endpoint.maximumBodySize).verdict(on: head) {
        case .refuse(let status, let message):
            return turnAway(status, message, head, context)
        case .accept(let wantsContinue):
            guard unanswered < Self.maximumPipelined else { return giveUpReading() }
            if wantsContinue, unanswered == 0 {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
            }
        }
        // An HTTP/1.0 client that wants to go on would have to be promised it; it is answered and let go.
        if !head.isKeepAlive || head.endsHTTP || head.version.minor == 0 { closesWhenAnswered = true }
        unanswered += 1
        reading = .body(head, BodyPace(configuration, began: .now()))
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        lastActive = .now()
        // Timers only for what did not come in one piece, which hardly anything does not.
        if deadline == nil {
            switch reading {
            case .head where watch.hasBytes && unanswered == 0: arm(TimeAmount(configuration.headTimeout), context)
            case .body(_, let pace): arm(pace.firstCheck, context)
            case .head, .over: break
            }
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, !isOver {
            switch error {
            case .headerOverflow:
                let message =
                    "the head is too large; at most \(endpoint.maximumHeaderSize) bytes in "
                    + "\(endpoint.maximumHeaderFields) fields are accepted"
                turnAway(.requestHeaderFieldsTooLarge, message, headBeingRead, context)
            case .invalidEOFState where isOwingAnswers:
                giveUpReading()
            case .invalidEOFState:
                finish(context)
            default:
                turnAway(.badRequest, "this is not an acceptable HTTP/1.1 request: \(error)", headBeingRead, context)
            }
        }
        context.fireErrorCaught(error)
    }

    private var headBeingRead: HTTPRequestHead? {
        if case .body(let head, _) = reading { head } else { nil }
    }

    private var isOver: Bool {
        if case .over = reading { true } else { false }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            endWhenAnswered(context)
        } else if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            if hasFinished {
                closeWhenSent(context)
            } else if isAnswering, isLastAnswer {
                // A peer that reads a stream keeps its own side open: nothing else would tell one that has gone from one
                // that listens.
                context.close(promise: nil)
            } else {
                endWhenAnswered(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func endWhenAnswered(_ context: ChannelHandlerContext) {
        closesWhenAnswered = true
        guard unanswered == 0, !hasFinished else { return }
        disarm()
        hasFinished = true
        reading = .over
        closeWhenSent(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    // MARK: - What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasFinished else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            isAnswering = true
            // Streams say `close`, which is all that answers ever say there.
            isLastAnswer = head.headers.contains(name: "Connection")
            if closesWhenAnswered, unanswered <= 1 {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
                context.write(wrapOutboundOut(.head(head)), promise: promise)
            } else {
                context.write(data, promise: promise)
            }
        case .end:
            isAnswering = false
            unanswered -= 1
            lastActive = .now()
            if idleCheck == nil { watchIdleness(context) }
            let left = promise ?? context.eventLoop.makePromise()
            lastAnswer = left.futureResult
            context.write(data, promise: left)
            if isLastAnswer || unanswered <= 0 && (closesWhenAnswered || isOver) { finish(context) }
        default:
            context.write(data, promise: promise)
        }
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard !context.channel.isWritable, stall == nil else { return }
        // The peer does not read. What fits the buffers below is left to the idle timeout.
        stall = context.eventLoop.assumeIsolated()
            .scheduleTask(in: TimeAmount(configuration.idle)) {
                context.close(promise: nil)
            }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stall?.cancel()
            stall = nil
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: - Ends

    /// Answers instead of the endpoint and ends the connection. Where earlier answers are due, they go out first and
    /// this one does not.
    private func turnAway(
        _ status: HTTPResponse.Status, _ message: String, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext
    ) {
        disarm()
        guard !isOwingAnswers else { return giveUpReading() }
        reading = .over
        let response = endpoint.refuse(
            status, message, head: head.map(HTTPRequest.init(describing:)) ?? .unreadable,
            remoteAddress: context.remoteAddress?.ipAddress)
        write(response, context)
        finish(context)
    }

    /// Whether whole requests wait for their answers, or for the rest of one.
    private var isOwingAnswers: Bool {
        if case .body = reading { isAnswering || unanswered > 1 } else { isAnswering || unanswered > 0 }
    }

    /// Hands nothing more on: the request that is being read never becomes whole, and the connection ends with the
    /// answers that are due.
    private func giveUpReading() {
        disarm()
        if case .body = reading { unanswered -= 1 }
        reading = .over
        closesWhenAnswered = true
    }

    private func write(_ response: EndpointResponse, _ context: ChannelHandlerContext) {
        let body: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
        var head = HTTPResponseHead(response.head)
        head.headers.replaceOrAdd(name: "Content-Length", value: String(body.count))
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        let left = context.eventLoop.makePromise(of: Void.self)
        lastAnswer = left.futureResult
        context.write(wrapOutboundOut(.end(nil)), promise: left)
    }

    /// Sends what is written, then the end of the stream, and closes when the peer has had time to read it: closing
    /// at once with input unread would reset the connection and take the answer with it.
    private func finish(_ context: ChannelHandlerContext) {
        guard !hasFinished else { return }
        disarm()
        hasFinished = true
        reading = .over
        whenSent(context) {
            context.close(mode: .output, promise: nil)
            self.close(context, in: self.configuration.linger)
        }
    }

    /// Closes when what is written has left.
    private func closeWhenSent(_ context: ChannelHandlerContext) {
        whenSent(context) { context.close(promise: nil) }
    }

    /// What is written may wait for the end of the event loop's turn, or for a peer that reads slowly: so long it is
    /// waited for, and no longer than a connection may be idle.
    private func whenSent(_ context: ChannelHandlerContext, _ next: @escaping () -> Void) {
        context.flush()
        guard let lastAnswer else { return next() }
        close(context, in: configuration.idle)
        lastAnswer.assumeIsolated().whenSuccess(next)
    }

    private func close(_ context: ChannelHandlerContext, in delay: Duration) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated()
            .scheduleTask(in: TimeAmount(delay)) { context.close(promise: nil) }
    }

    // MARK: - Timers

    private func arm(_ delay: TimeAmount, _ context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated()
            .scheduleTask(in: delay) {
                self.deadline = nil
                self.deadlinePassed(context)
            }
    }

    private func deadlinePassed(_ context: ChannelHandlerContext) {
        switch reading {
        case .head:
            let limit = configuration.headTimeout.inSeconds
            turnAway(.requestTimeout, "the head of the request took more than \(limit) s", nil, context)
        case .body(let head, var pace) where unanswered > 1:
            // Its reads are held until those before it are answered, so nothing is due yet.
            pace.restart(at: .now())
            reading = .body(head, pace)
            arm(pace.firstCheck, context)
        case .body(let head, let pace):
            if let next = pace.nextCheck(at: .now()) { return arm(next, context) }
            let message =
                "the body took more than \(configuration.bodyTimeout.inSeconds) s at less than "
                + "\(configuration.minimumBodyRate) bytes a second"
            turnAway(.requestTimeout, message, head, context)
        case .over:
            break
        }
    }

    /// Closes the connection once nothing has come or gone for too long while nobody here is at work for it.
    private func watchIdleness(_ context: ChannelHandlerContext, in delay: TimeAmount? = nil) {
        let idle = TimeAmount(configuration.idle)
        idleCheck = context.eventLoop.assumeIsolated()
            .scheduleTask(in: delay ?? idle) {
                self.idleCheck = nil
                guard !self.hasFinished, !self.isAtWork else { return }
                let left = self.lastActive + idle - .now()
                guard left > .zero else { return context.close(promise: nil) }
                self.watchIdleness(context, in: left)
            }
    }

    /// Whether a whole request is being answered, so that the peer rightly says nothing.
    private var isAtWork: Bool {
        if case .body = reading { false } else { unanswered > 0 }
    }

    private func disarm() {
        guard !hasFinished else { return }
        deadline?.cancel()
        deadline = nil
    }

    private func end() {
        deadline?.cancel()
        deadline = nil
        idleCheck?.cancel()
        idleCheck = nil
        stall?.cancel()
        stall = nil
    }
}
