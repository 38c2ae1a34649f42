internal import VestibuleAuth
internal import VestibuleProtocol
public import VestibuleServer

extension MCPServer {
    /// This server as HTTP has it, without a socket: for a client in the same process. Nobody signs in.
    ///
    /// - Parameter path: of the endpoint; a client's URL has it behind `http://127.0.0.1`.
    public func inProcessTransport(path: String = "/mcp") -> InProcessTransport {
        let configuration = EndpointConfiguration(
            serverInfo: info, instructions: instructions, resource: "http://127.0.0.1\(path)", path: path,
            allowsLoopbackOrigins: true)
        return InProcessTransport(
            MCPEndpoint(
                configuration: configuration, gate: Gate(policy: AccessPolicy(operation: .open)),
                verifier: TokenVerifier(issuers: [], clock: SystemClock()), server: self))
    }
}
