public import HTTPTypes
internal import VestibuleProtocol

/// An HTTP endpoint that issues tokens: an OAuth token endpoint (RFC 6749 §3.2), or a web application's own.
///
/// It is asked with POST and answers JSON: `access_token` and, where it can, `expires_in`; or `error` and
/// `error_description` (RFC 6749 §5.2). With `expires_in`, tokens that are no JWT are welcome.
public struct EndpointTokenSource: TokenSource {
    public var url: String
    /// Additional header fields, such as `Authorization` or `Cookie`.
    public var fields: HTTPFields
    /// Form parameters, such as `grant_type`. The scope of a step-up is added to them.
    public var parameters: [(name: String, value: String)]
    /// Whether the endpoint heeds `scope`.
    public var canWidenScope: Bool
    /// Whether plain `http` is allowed to hosts other than the loopback. Default `false`: tokens would be readable.
    public var allowsPlainHTTP: Bool
    private let transport: any HTTPTransport

    /// The largest answer that is read: 256 KiB.
    public static let maximumReplySize = 256 * 1024

    public init(
        url: String, parameters: KeyValuePairs<String, String> = [:], fields: HTTPFields = HTTPFields(),
        canWidenScope: Bool = true, allowsPlainHTTP: Bool = false,
        transport: any HTTPTransport = AsyncHTTPClientTransport.shared
    ) {
        self.url = url
        self.parameters = parameters.map { ($0.key, $0.value) }
        self.fields = fields
        self.canWidenScope = canWidenScope
        self.allowsPlainHTTP = allowsPlainHTTP
        self.transport = transport
    }

    public func token(_ request: TokenRequest) async throws -> String {
        try await issue(request).text
    }

    public func issue(_ request: TokenRequest) async throws -> IssuedToken {
        guard let address = ServerAddress(url) else { throw failure("is not an http or https URL") }
        guard address.isSecure || address.isLoopback || allowsPlainHTTP else {
            throw failure("is plain http to another host, where anybody could read the token; use https")
        }
        let response: TransportResponse
        do {
            response = try await transport.send(outgoing(request))
        } catch let error as TransportError {
            throw failure("gave no answer: \(error.message)", cause: error)
        }
        let body = try await response.bytes(upTo: Self.maximumReplySize)
        let json = try? JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(body)
        guard response.status == 200 else { throw failure(Self.explain(status: response.status, json)) }
        guard let json else { throw failure("answered something other than JSON") }
        guard let token = json["access_token"]?.string else {
            let names = json.object?.names.prefix(8).joined(separator: ", ") ?? "no object"
            throw failure("answered without access_token (it has: \(names))")
        }
        if let type = json["token_type"]?.string, type.lowercased() != "bearer" {
            throw failure("issues tokens of type \(type.prefix(40)); only bearer tokens are understood")
        }
        return IssuedToken(token, expiresIn: Self.lifetime(json["expires_in"]))
    }

    private func outgoing(_ request: TokenRequest) -> TransportRequest {
        var form = parameters.filter { $0.name != "scope" || request.scope.isEmpty }
        if !request.scope.isEmpty {
            let configured = parameters.filter { $0.name == "scope" }.map(\.value)
            form.append(("scope", (configured + request.scope).joined(separator: " ")))
        }
        var fields = fields
        fields[.accept] = "application/json"
        fields[.contentType] = "application/x-www-form-urlencoded"
        return TransportRequest(method: .post, url: url, fields: fields, body: FormEncoding.encode(form))
    }

    /// Seconds, as a number or (against RFC 6749, and common) as its text.
    private static func lifetime(_ value: JSONValue?) -> Duration? {
        let seconds = value?.number?.double ?? value?.string.flatMap(Double.init)
        guard let seconds, seconds >= 0, seconds <= 1e9 else { return nil }
        return .seconds(seconds)
    }

    private static func explain(status: Int, _ json: JSONValue?) -> String {
        if (300..<400).contains(status) { return "answered with a redirect (\(status)), which is not followed" }
        guard let error = json?["error"]?.string else { return "answered with HTTP \(status)" }
        let description = json?["error_description"]?.string.map { ": \($0.firstLine)" } ?? ""
        return "answered with HTTP \(status), \(error.firstLine)\(description)"
    }

    private func failure(_ what: String, cause: (any Error)? = nil) -> MCPClientError {
        MCPClientError(.tokenSource, "the token endpoint \(url.prefix { $0 != "?" }) \(what)", cause: cause)
    }
}

extension EndpointTokenSource: CustomStringConvertible, CustomReflectable {
    public var description: String { "EndpointTokenSource(\(url.prefix { $0 != "?" }))" }
    public var customMirror: Mirror { Mirror(self, children: ["url": String(url.prefix { $0 != "?" })]) }
}

extension TokenSource where Self == EndpointTokenSource {
    /// An HTTP endpoint that issues tokens.
    public static func endpoint(
        _ url: String, parameters: KeyValuePairs<String, String> = [:], fields: HTTPFields = HTTPFields(),
        transport: any HTTPTransport = AsyncHTTPClientTransport.shared
    ) -> EndpointTokenSource {
        EndpointTokenSource(url: url, parameters: parameters, fields: fields, transport: transport)
    }
}

/// `application/x-www-form-urlencoded` (RFC 6749 Appendix B).
package enum FormEncoding {
    package static func encode(_ parameters: [(name: String, value: String)]) -> [UInt8] {
        Array(parameters.map { "\(escape($0.name))=\(escape($0.value))" }.joined(separator: "&").utf8)
    }

    static func escape(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2A, 0x2D, 0x2E, 0x5F: output.append(byte)
            case 0x20: output.append(0x2B)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
