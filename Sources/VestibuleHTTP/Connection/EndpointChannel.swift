internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import VestibuleServer

/// A connection of Hummingbird's server: HTTP/1.1, a ``ConnectionGuard`` right behind the decoder, and a
/// ``RequestHandler`` that has the requests answered.
///
/// Takes the place of Hummingbird's own `HTTP1Channel`, which hands every part of a request over to another thread and
/// every part of the answer back; that costs several times what an answer costs.
struct EndpointChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        fileprivate let handler: NIOLoopBound<RequestHandler>
        fileprivate let running: RunningTask
    }

    let responder: Responder
    let configuration: HTTPServerConfiguration

    private var endpoint: MCPEndpoint { responder.endpoint }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let watch = ByteWatch()
            let running = RunningTask()
            let handler = RequestHandler(responder: responder, running: running)
            try pipeline.addHandler(watch)
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = endpoint.maximumHeaderSize
            limits.maxHeaderListSize = endpoint.maximumHeaderSize
            limits.maxHeaderFieldCount = endpoint.maximumHeaderFields
            try pipeline.configureHTTPServerPipeline(
                // The handler takes one request after the other, the guard answers what is no request, and HTTPFields
                // hold nothing that would have to be checked once more.
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
            try pipeline.addHandler(ConnectionGuard(watch: watch, configuration: configuration, endpoint: endpoint))
            try pipeline.addHandler(handler)
            return Value(
                channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop), running: running)
        }
    }

    /// Lasts as long as the connection does, and as the answer that was being made when it closed.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.channel.closeFuture.get()
            await value.running.finished()
        } onCancel: {
            value.running.cancel()
            value.channel.eventLoop.execute { value.handler.value.end() }
        }
    }
}

/// Notes that bytes came, in front of the decoder, which is silent until a head is whole.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Whether bytes came since the last message ended.
    var hasBytes = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasBytes = true
        context.fireChannelRead(data)
    }
}
