internal import HTTPTypes

/// Shows a person the page of an authorization server, and receives its answer.
public protocol AuthorizationUI: Sendable {
    /// Makes ready to receive an answer.
    ///
    /// - Parameter redirectURIs: Those that are registered already, the best first; one of them should be used where
    ///   that is possible.
    /// - Throws: ``MCPClientError``, or `CancellationError`.
    func begin(preferring redirectURIs: [String]) async throws -> any AuthorizationSession
}

/// One sign-in of a person.
public protocol AuthorizationSession: Sendable {
    /// Where the answer is received: an `https` URL, or `http` on this machine.
    var redirectURI: String { get }
    /// Shows the page, and waits for the answer.
    ///
    /// - Parameter url: What to open. It has been checked to be `https`, or `http` on this machine.
    /// - Returns: The whole URL that the server redirected to.
    func authorize(_ url: String) async throws -> String
    /// Receives no more. Called once, whatever happened.
    func end() async
}

/// Follows the redirects of an authorization server by itself, where nobody needs to be asked: for tests, and servers
/// that know the client well enough.
public struct HeadlessAuthorizationUI: AuthorizationUI {
    private let redirectURI: String
    private let transport: any HTTPTransport

    /// How many redirects are followed.
    static let maximumRedirects = 10

    public init(
        redirectURI: String = "http://127.0.0.1:33418/callback",
        transport: any HTTPTransport = AsyncHTTPClientTransport.shared
    ) {
        self.redirectURI = redirectURI
        self.transport = transport
    }

    public func begin(preferring redirectURIs: [String]) async throws -> any AuthorizationSession {
        Session(redirectURI: redirectURI, transport: transport)
    }

    private struct Session: AuthorizationSession {
        let redirectURI: String
        let transport: any HTTPTransport

        func authorize(_ url: String) async throws -> String {
            var url = url
            for _ in 0..<HeadlessAuthorizationUI.maximumRedirects {
                let reply: TransportResponse
                do {
                    reply = try await transport.send(TransportRequest(method: .get, url: url, timeout: .seconds(20)))
                } catch let error as TransportError {
                    throw MCPClientError.signInFailed("the sign-in page gave no answer: \(error.message)")
                }
                _ = await reply.beginning(upTo: 64 * 1024)
                guard (300..<400).contains(reply.status), let location = reply.fields[.location] else {
                    throw MCPClientError.signInFailed(
                        "the sign-in page at \(url.shownURL) wants a person (HTTP \(reply.status)); sign in with a "
                            + "browser")
                }
                guard let next = Self.resolve(location, against: url) else {
                    throw MCPClientError.signInFailed("the sign-in page redirects to \(location.shownURL), no URL")
                }
                if next.prefix(while: { $0 != "?" }).utf8.elementsEqual(redirectURI.utf8) { return next }
                url = next
            }
            throw MCPClientError.signInFailed("the sign-in page redirects again and again")
        }

        private static func resolve(_ location: String, against url: String) -> String? {
            if WebAddress(location) != nil { return location }
            guard location.hasPrefix("/"), !location.hasPrefix("//"), let base = WebAddress(url) else { return nil }
            return base.origin + location
        }

        func end() async {}
    }
}
