import CannedReply
import NIOCore
import NIOHTTP1
import NIOPosix

// SwiftNIO's HTTP/1.1 server, which reads a request to its end and sends the reply.

let reply = CannedReply.fromStandardInput()

final class Replier: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var body = ByteBuffer()
    private let head: HTTPResponseHead
    private let content: ByteBuffer

    init(_ reply: CannedReply) {
        var headers = HTTPHeaders()
        for field in reply.fields { headers.add(name: field.name, value: field.value) }
        head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        content = ByteBuffer(bytes: reply.body)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: body.clear()
        case .body(var bytes): body.writeBuffer(&bytes)
        case .end:
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(content))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .serverChannelOption(.backlog, value: 1024)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelInitializer { [reply] channel in
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            try channel.pipeline.syncOperations.addHandler(Replier(reply))
        }
    }
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .bind(host: "127.0.0.1", port: reply.port)
    .get()
try await server.closeFuture.get()
