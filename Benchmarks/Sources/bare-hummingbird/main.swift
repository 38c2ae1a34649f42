import CannedReply
import HTTPTypes
import Hummingbird
import NIOCore

// A Hummingbird application with one route, which reads the request to its end and sends the reply.

let reply = CannedReply.fromStandardInput()
var fields = HTTPFields()
for field in reply.fields {
    if let name = HTTPField.Name(field.name) { fields[values: name].append(field.value) }
}

let router = Router()
router.post("mcp") { [fields] request, _ -> Response in
    let body = try await request.body.collect(upTo: 4 << 20)
    guard body.readableBytes > 0 else { return Response(status: .badRequest) }
    return Response(
        status: .ok, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
}

let application = Application(
    router: router,
    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: reply.port), backlog: 1024))
try await application.runService()
