internal import VestibuleProtocol

/// What an issuer's introspection endpoint answered (RFC 7662 §2.2, §2.3).
public struct IntrospectionReply: Sendable {
    /// The HTTP status.
    public var status: Int
    /// The body, of at most ``maximumSize`` bytes.
    public var body: [UInt8]

    /// The most bytes that an answer may have; a longer one is refused.
    public static let maximumSize = 64 * 1024
    /// How long an answer may take.
    public static let timeout = Duration.seconds(5)

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// Asks about one token.
    ///
    /// It must follow no redirect, read at most ``maximumSize`` bytes and end within ``timeout``.
    ///
    /// - Throws: ``IssuerFailure`` where there is no answer, or `CancellationError`.
    public typealias Ask = @Sendable (_ token: String) async throws -> IntrospectionReply
}

/// What an answer says of the token.
enum IntrospectionVerdict: Sendable, Hashable {
    /// The issuer vouches for it; these are its claims.
    case active(JSONObject)
    /// It does not, for whatever reason: it never says which (RFC 7662 §2.2).
    case inactive
}

/// Why an answer is none.
struct IntrospectionFailure: Error, Sendable, Hashable {
    /// One line: what, and what to do about it. Never the token.
    var message: String
    /// Whether it is likely to be the same for every token, and not only for this one.
    var concernsAll: Bool
}

extension IntrospectionVerdict {
    init(_ reply: IntrospectionReply) throws(IntrospectionFailure) {
        guard reply.status == 200 else { throw Self.failure(status: reply.status) }
        guard reply.body.count <= IntrospectionReply.maximumSize else {
            throw Self.unusable("has more than \(IntrospectionReply.maximumSize) bytes")
        }
        let value: JSONValue
        do {
            value = try JSONParser(
                limits: JSONLimits(
                    maximumSize: IntrospectionReply.maximumSize, maximumDepth: 16, maximumNumberLength: 64,
                    duplicates: .refuse)
            )
            .parse(reply.body)
        } catch {
            throw Self.unusable(error.code == .duplicateMember ? "names a member twice" : "is not acceptable JSON")
        }
        guard let object = value.object else { throw Self.unusable("is a \(value.kind); an object is due") }
        switch object["active"] {
        case .bool(true): self = .active(object)
        case .bool(false): self = .inactive
        case nil: throw Self.unusable("has no \"active\"")
        case .some(let value): throw Self.unusable("has an \"active\" that is a \(value.kind); true or false is due")
        }
    }

    private static func unusable(_ what: String) -> IntrospectionFailure {
        IntrospectionFailure(message: "its answer \(what) (RFC 7662 §2.2)", concernsAll: false)
    }

    private static func failure(status: Int) -> IntrospectionFailure {
        switch status {
        case 401:
            IntrospectionFailure(
                message:
                    "it refuses this server's own credentials (HTTP 401): compare introspection.clientID, its secret "
                    + "and `authentication` with the registration there", concernsAll: true)
        case 429, 502, 503, 504: IntrospectionFailure(message: "it answered HTTP \(status)", concernsAll: true)
        case 300..<400:
            IntrospectionFailure(
                message:
                    "it answered HTTP \(status), a redirect, which is not followed; name the place to which it leads "
                    + "as introspection.endpoint", concernsAll: true)
        // Perhaps because of this very token; what one token causes must not be everybody's outage.
        default: IntrospectionFailure(message: "it answered HTTP \(status)", concernsAll: false)
        }
    }
}
