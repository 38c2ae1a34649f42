/// Something that carries the messages of a server's clients: HTTP, the pipes of a process, a channel within one.
public protocol ServerCarrier: Sendable {
    /// Serves until there is nobody to serve any more, or the task is cancelled.
    func serve(_ server: MCPServer) async throws
}

extension MCPServer {
    /// Serves clients until the carrier ends or the task is cancelled.
    ///
    /// ```swift
    /// try await server.run(.stdio)
    /// ```
    public func run(_ carrier: some ServerCarrier) async throws {
        try await carrier.serve(self)
    }
}
