internal import VestibuleProtocol

extension RequestContext {
    /// Tells the client that what a person was asked to do on a page is done (MCP 2025-11-25, URL mode elicitation), so
    /// that it need not ask them. Other revisions have no word for it; then nothing is sent.
    ///
    /// - Parameter id: the elicitation's id, as the question had it. The call that asked may be over by then.
    public func elicitationCompleted(_ id: String) async {
        guard protocolVersion == .v2025_11_25 else { return }
        await link.notify(MCPMethod.elicitationComplete, ["elicitationId": .string(id)])
    }
}
