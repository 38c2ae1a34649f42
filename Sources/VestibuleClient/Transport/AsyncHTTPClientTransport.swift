public import AsyncHTTPClient
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import VestibuleProtocol

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Android)
    internal import Android
#endif

/// Sends over the network with AsyncHTTPClient.
public struct AsyncHTTPClientTransport: HTTPTransport {
    /// How connections are made.
    public struct Configuration: Sendable {
        /// How long connecting may take. Default 10 s.
        public var connectTimeout: Duration
        /// How many HTTP/1.1 connections to one server are kept. Default 64: each call that is under way needs one.
        public var connectionsPerServer: Int

        public init(connectTimeout: Duration = .seconds(10), connectionsPerServer: Int = 64) {
            self.connectTimeout = connectTimeout
            self.connectionsPerServer = connectionsPerServer
        }
    }

    private let client: HTTPClient

    /// Borrows a client, which must outlive the transport.
    ///
    /// - Precondition: The client follows no redirects: a redirect would carry the token to another server. Its
    ///   configuration cannot be read, so nobody checks this for you.
    public init(borrowing client: HTTPClient) {
        self.client = client
    }

    private init(owning configuration: Configuration) {
        self.client = HTTPClient(configuration: Self.clientConfiguration(configuration))
    }

    /// One transport for the whole process, never shut down.
    public static let shared = AsyncHTTPClientTransport(owning: Configuration())

    /// Runs `body` with a transport of its own, whose connections are closed afterwards.
    public static func withTransport<Result>(
        _ configuration: Configuration = Configuration(), isolation: isolated (any Actor)? = #isolation,
        _ body: (AsyncHTTPClientTransport) async throws -> Result
    ) async throws -> Result {
        try await HTTPClient.withHTTPClient(configuration: clientConfiguration(configuration)) { client in
            try await body(AsyncHTTPClientTransport(borrowing: client))
        }
    }

    static func clientConfiguration(_ configuration: Configuration) -> HTTPClient.Configuration {
        var result = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: TimeAmount(configuration.connectTimeout)))
        // A connection that is refused is refused; waiting out the whole deadline would only hide it.
        result.connectionPool.retryConnectionEstablishment = false
        result.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, configuration.connectionsPerServer)
        return result
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.fields { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        if !request.body.isEmpty { outgoing.body = .bytes(ByteBuffer(bytes: request.body)) }
        let response: HTTPClientResponse
        do {
            response = try await client.execute(outgoing, deadline: .now() + TimeAmount(request.timeout))
        } catch {
            throw Self.explain(error, url: request.url)
        }
        var fields = HTTPFields()
        for header in response.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        let body = TransportBody(pulling: response.body, bytes: { Array(buffer: $0) }) { [url = request.url] in
            Self.explain($0, url: url)
        }
        return TransportResponse(status: Int(response.status.code), fields: fields, body: body)
    }

    private static func explain(_ error: any Error, url: String) -> any Error {
        if error is CancellationError { return error }
        let server = url.prefix { $0 != "?" }
        guard let known = error as? HTTPClientError else { return explain(socketError: error, server: server) }
        switch known {
        case .cancelled: return CancellationError()
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return TransportError(
                .notSent, "\(server) did not accept a connection in time", isTimeout: true, cause: error)
        case .invalidURL, .emptyHost, .emptyScheme:
            return TransportError(.notSent, "\"\(server)\" is not a URL that can be connected to", cause: error)
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            return TransportError(.unknown, "\(server) did not answer in time", isTimeout: true, cause: error)
        default:
            return TransportError(
                .unknown, "the connection to \(server) broke: \(known.shortDescription)", cause: error)
        }
    }

    private static func explain(socketError error: any Error, server: Substring) -> TransportError {
        if error is NIOConnectionError {
            return TransportError(
                .notSent, "no connection to \(server): its host is unknown or cannot be reached; check the URL",
                cause: error)
        }
        // Of the errors of a socket these two come from connecting only; any other may come after something was sent.
        if let error = error as? IOError, [ECONNREFUSED, EADDRNOTAVAIL].contains(error.errnoCode) {
            return TransportError(
                .notSent, "no connection to \(server): it was refused; is the server running?", cause: error)
        }
        if error is HTTPParserError {
            return TransportError(
                .unknown, "what answers at \(server) does not speak HTTP; check the URL and its port", cause: error)
        }
        let said = String(describing: error).firstLine
        if let problem = tlsProblem(said) {
            return TransportError(.notSent, "no TLS connection to \(server): \(problem)", cause: error)
        }
        return TransportError(.unknown, "the connection to \(server) broke: \(said)", cause: error)
    }

    /// What a failed TLS handshake is about. The library's own text names its source files and is of no use to anybody.
    private static func tlsProblem(_ text: String) -> String? {
        let problems = [
            ("WRONG_VERSION_NUMBER", "the server does not speak TLS; is the URL http:// in truth?"),
            ("CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted on this machine; check it and the host"),
            ("unableToValidateCertificate", "its certificate is not for this host; check the URL"),
            ("failedToValidateHostname", "its certificate is not for this host; check the URL"),
        ]
        if let known = problems.first(where: { text.contains($0.0) }) { return known.1 }
        return text.hasPrefix("handshakeFailed") ? "the handshake failed; check the URL and its port" : nil
    }
}

extension TimeAmount {
    /// Saturates: a duration beyond the range is as good as for ever.
    fileprivate init(_ duration: Duration) {
        let nanoseconds = duration.inSeconds * 1e9
        self = .nanoseconds(Int64(exactly: nanoseconds.rounded()) ?? (nanoseconds < 0 ? 0 : .max / 4))
    }
}
