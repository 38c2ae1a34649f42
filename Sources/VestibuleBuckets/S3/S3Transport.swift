internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import VestibuleProtocol

/// One signed HTTP request.
struct S3HTTPRequest: Sendable {
    /// What to do with a body of more than so many bytes.
    enum Excess: Sendable {
        /// Fail: half an answer is none.
        case refuse
        /// Stop reading: more was never asked for.
        case cut
    }

    var method: String
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var maximumBody: Int
    var excess: Excess
    var timeout: Duration
}

struct S3HTTPResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8] = []

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}

/// Sends one request; throws ``S3TransportFailure`` where no answer came. A closure so that tests can be the server.
typealias S3Transport = @Sendable (S3HTTPRequest) async throws -> S3HTTPResponse

enum S3TransportFailure: Error {
    /// Not reached, not answered in time, or broken off: may work the next time.
    case connection(String)
    /// The answer is longer than is accepted.
    case tooLong
}

enum S3HTTPClient {
    /// One for the process, never shut down: it holds nothing but idle connections. Redirects are not followed, since a
    /// signature holds for one host only.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10)))
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    /// Of a refusal no more than this is read, in bytes.
    private static let maximumRefusal = 64 << 10

    static let transport: S3Transport = { request in
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for header in request.headers where header.name != "host" {
            outgoing.headers.add(name: header.name, value: header.value)
        }
        if !request.body.isEmpty || request.method == "PUT" { outgoing.body = .bytes(request.body) }
        do {
            let timeout = TimeAmount.milliseconds(Int64(request.timeout.inSeconds * 1000))
            let answer = try await client.execute(outgoing, timeout: timeout)
            var response = S3HTTPResponse(
                status: Int(answer.status.code), headers: answer.headers.map { ($0.name, $0.value) })
            let isRefusal = answer.status.code >= 300
            let maximumBody = isRefusal ? maximumRefusal : request.maximumBody
            for try await piece in answer.body {
                response.body += piece.readableBytesView.prefix(maximumBody + 1 - response.body.count)
                guard response.body.count > maximumBody else { continue }
                guard isRefusal || request.excess == .cut else { throw S3TransportFailure.tooLong }
                response.body.removeLast()
                break
            }
            return response
        } catch let failure as S3TransportFailure {
            throw failure
        } catch {
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            throw S3TransportFailure.connection("\(type(of: error)): \(error)")
        }
    }
}
