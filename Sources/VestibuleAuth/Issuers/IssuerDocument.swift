internal import VestibuleProtocol

/// What a GET of something that an issuer publishes brought.
public struct IssuerDocument: Sendable {
    /// The HTTP status.
    public var status: Int
    /// The value of `Cache-Control`, where there is one.
    public var cacheControl: String?
    /// The body, of at most ``maximumSize`` bytes.
    public var body: [UInt8]

    /// The most bytes that such a document may have.
    public static let maximumSize = 1 << 20
    /// How long fetching one may take.
    public static let timeout = Duration.seconds(5)

    public init(status: Int, cacheControl: String? = nil, body: [UInt8]) {
        self.status = status
        self.cacheControl = cacheControl
        self.body = body
    }

    /// Fetches a document. It must follow no redirect, send no credential, ask only hosts that may be asked, and end
    /// within ``timeout``.
    ///
    /// - Throws: ``IssuerFailure`` where there is no answer, or `CancellationError`.
    public typealias Fetch = @Sendable (_ url: String) async throws -> IssuerDocument

    /// - Parameter shown: What it is and where it stands, for a person.
    func json(_ shown: String) throws(IssuerFailure) -> (value: JSONValue, maximumAge: Double?) {
        guard status == 200 else {
            let isRedirect = (300..<400).contains(status)
            throw IssuerFailure(
                "\(shown): HTTP \(status)"
                    + (isRedirect ? ", a redirect, which is not followed; name the place to which it leads" : ""))
        }
        guard body.count <= Self.maximumSize else {
            throw IssuerFailure("\(shown) has more than \(Self.maximumSize) bytes")
        }
        let limits = JSONLimits(maximumSize: Self.maximumSize, duplicates: .refuse)
        do {
            return (try JSONParser(limits: limits).parse(body), VestibuleAuth.maximumAge(ofCacheControl: cacheControl))
        } catch {
            throw IssuerFailure("\(shown) is not acceptable JSON: \(error)")
        }
    }
}

extension String {
    /// A URL for a person, without its query.
    var shownURL: String { String(prefix { $0 != "?" }.prefix(300)) }
}
