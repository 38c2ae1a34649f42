internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import VestibuleServer

/// Hummingbird's HTTP/1.1 channel with a ``ConnectionGuard`` right behind the decoder.
struct GuardedChannel: ServerChildChannel {
    private let channel: HTTP1Channel
    private let configuration: HTTPServerConfiguration
    private let endpoint: MCPEndpoint

    init(
        respond: @escaping HTTPChannelHandler.Responder, configuration: HTTPServerConfiguration, endpoint: MCPEndpoint
    ) {
        self.channel = HTTP1Channel(
            responder: respond,
            configuration: HTTP1Channel.Configuration(
                idleTimeout: TimeAmount(configuration.idle),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: endpoint.maximumHeaderSize, maxHeaderListSize: endpoint.maximumHeaderSize,
                    maxHeaderFieldCount: endpoint.maximumHeaderFields)))
        self.configuration = configuration
        self.endpoint = endpoint
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        self.channel.setup(channel: channel, logger: logger)
            .flatMapThrowing { [configuration, endpoint] value in
                let pipeline = channel.pipeline.syncOperations
                let watch = ByteWatch()
                try pipeline.addHandler(watch, position: .first)
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                let guardian = ConnectionGuard(watch: watch, configuration: configuration, endpoint: endpoint)
                try pipeline.addHandler(guardian, position: .after(decoder))
                return value
            }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await channel.handle(value: value, logger: logger)
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
