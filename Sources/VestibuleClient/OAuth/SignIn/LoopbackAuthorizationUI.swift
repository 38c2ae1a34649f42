public import VestibuleProtocol

/// Receives the answer of a sign-in on this machine: a server on 127.0.0.1 that takes one answer (RFC 8252 §7.3).
///
/// Bounds: 16 connections at a time, 16 KiB for a request's target, 10 s for a request, 50 requests that are not the
/// answer, and ``timeout`` in all.
public struct LoopbackAuthorizationUI: AuthorizationUI {
    /// How long a person may take.
    public let timeout: Duration
    /// The port to listen on; `nil` for any that is free.
    public let port: Int?
    private let clock: any WallClock
    private let open: @Sendable (String) async throws -> Void

    static let path = "/callback"

    /// - Parameters:
    ///   - timeout: How long a person may take. Default 5 minutes.
    ///   - port: The port to listen on, where the client is registered with one. Default: any that is free.
    ///   - open: Opens the page in a browser, or tells the person to. What it throws ends the sign-in.
    public init(
        timeout: Duration = .seconds(300), port: Int? = nil, clock: any WallClock = SystemClock(),
        open: @escaping @Sendable (_ url: String) async throws -> Void
    ) {
        self.timeout = timeout
        self.port = port
        self.clock = clock
        self.open = open
    }

    public func begin(preferring redirectURIs: [String]) async throws -> any AuthorizationSession {
        // A port that is registered already spares another registration, where nobody else has it.
        let known = port == nil ? redirectURIs.compactMap(Self.port).prefix(3) : []
        for port in known {
            if let session = try? await LoopbackSession(port: port, timeout: timeout, clock: clock, open: open) {
                return session
            }
        }
        do {
            return try await LoopbackSession(port: port ?? 0, timeout: timeout, clock: clock, open: open)
        } catch {
            throw MCPClientError.signInFailed(
                port.map { "port \($0) of 127.0.0.1 cannot be listened on for the answer of the sign-in; free it" }
                    ?? "no port of 127.0.0.1 can be listened on for the answer of the sign-in", cause: error)
        }
    }

    /// The port of a redirect URI that this type made.
    static func port(of redirectURI: String) -> Int? {
        let start = "http://127.0.0.1:"
        guard redirectURI.hasPrefix(start), redirectURI.hasSuffix(path) else { return nil }
        return UInt16(redirectURI.dropFirst(start.utf8.count).dropLast(path.utf8.count)).map(Int.init)
    }
}
