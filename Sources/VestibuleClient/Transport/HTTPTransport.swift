public import HTTPTypes

/// Carries one HTTP request to a server and its answer back.
///
/// An implementation follows no redirect, adds no credential, repeats nothing, and ends at once when its task is
/// cancelled.
public protocol HTTPTransport: Sendable {
    /// - Throws: ``TransportError``, which says whether the request may have reached the server.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// One HTTP request.
public struct TransportRequest: Sendable {
    public var method: HTTPRequest.Method
    /// The absolute URL.
    public var url: String
    /// The header fields; `Authorization` among them, marked as not to be indexed.
    public var fields: HTTPFields
    public var body: [UInt8]
    /// How long the exchange may take in all, as a last resort: whoever asks cancels earlier.
    public var timeout: Duration

    public init(
        method: HTTPRequest.Method, url: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = [],
        timeout: Duration = .seconds(60)
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.timeout = timeout
    }
}

extension TransportRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and URL without its query: header and body may hold secrets.
    public var description: String { "\(method.rawValue) \(url.prefix { $0 != "?" }) (\(body.count) bytes)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["method": method.rawValue, "bodySize": body.count]) }
}

/// One HTTP answer, whose body may still be on its way.
public struct TransportResponse: Sendable {
    public var status: Int
    public var fields: HTTPFields
    public var body: TransportBody

    public init(status: Int, fields: HTTPFields = HTTPFields(), body: TransportBody) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// An answer that is here already.
    public init(status: Int, fields: HTTPFields = HTTPFields(), bytes: [UInt8] = []) {
        self.init(status: status, fields: fields, body: TransportBody(bytes))
    }
}

/// Why a transport brought no answer.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    /// Whether the request may have reached the server.
    public enum Progress: Sendable, Hashable {
        /// It certainly did not.
        case notSent
        /// It may have.
        case unknown
    }

    public var progress: Progress
    /// Whether it was time that ran out.
    public var isTimeout: Bool
    /// One line for a person.
    public var message: String
    public var cause: (any Error)?

    public init(_ progress: Progress, _ message: String, isTimeout: Bool = false, cause: (any Error)? = nil) {
        self.progress = progress
        self.isTimeout = isTimeout
        self.message = message
        self.cause = cause
    }

    public var description: String { message }
}

extension TransportResponse {
    /// The whole body.
    ///
    /// - Throws: ``MCPClientError`` of code `replyTooLarge`, or what the transport throws.
    package func bytes(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in body {
            guard piece.count <= limit - bytes.count else { throw MCPClientError.replyTooLarge(limit) }
            bytes.append(contentsOf: piece)
        }
        return bytes
    }

    /// As much of the body as fits; for what a person will read of an error.
    func beginning(upTo limit: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await piece in body {
                bytes.append(contentsOf: piece.prefix(limit - bytes.count))
                if bytes.count >= limit { break }
            }
        } catch {
            // What has come until now is all there is; the status stands without it.
        }
        return bytes
    }
}

extension MCPClientError {
    static func replyTooLarge(_ limit: Int) -> MCPClientError {
        MCPClientError(
            .replyTooLarge, "the reply has more than \(limit) bytes; raise maximumReplySize if it is meant to")
    }
}
