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
            if wantsContinue, unanswered == 0 {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
            }
        }
        if !head.isKeepAlive || head.endsHTTP { closesWhenAnswered = true }
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
            if hasFinished || isAnswering && isLastAnswer {
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
        // An answer may be written and wait for the end of the event loop's turn.
        context.flush()
        context.close(promise: nil)
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
            context.write(data, promise: promise)
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
        let isHandedOn = if case .body = reading { true } else { false }
        reading = .over
        guard !isAnswering, unanswered == (isHandedOn ? 1 : 0) else {
            closesWhenAnswered = true
            return
        }
        let response = endpoint.refuse(
            status, message, head: head.map(HTTPRequest.init(describing:)) ?? .unreadable,
            remoteAddress: context.remoteAddress?.ipAddress)
        write(response, context)
        finish(context)
    }

    private func write(_ response: EndpointResponse, _ context: ChannelHandlerContext) {
        let body: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
        var head = HTTPResponseHead(response.head)
        head.headers.replaceOrAdd(name: "Content-Length", value: String(body.count))
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Sends what is written, then the end of the stream, and closes when the peer has had time to read it: closing
    /// at once with input unread would reset the connection and take the answer with it.
    private func finish(_ context: ChannelHandlerContext) {
        guard !hasFinished else { return }
        hasFinished = true
        reading = .over
        disarm()
        context.flush()
        context.close(mode: .output, promise: nil)
        deadline = context.eventLoop.assumeIsolated()
            .scheduleTask(in: TimeAmount(configuration.linger)) {
                context.close(promise: nil)
            }
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
