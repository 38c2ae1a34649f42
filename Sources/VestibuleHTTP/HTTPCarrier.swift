public import Logging
internal import ServiceLifecycle
internal import UnixSignals
public import VestibuleAuth
internal import VestibuleProtocol
public import VestibuleServer

/// Serves clients over Streamable HTTP (MCP, Streamable HTTP).
///
/// ```swift
/// try await server.run(.http(port: 8080))
/// ```
///
/// `SIGTERM` and `SIGINT` let running calls end, within ``HTTPServerConfiguration/drain``, and then ``serve(_:)`` returns.
public struct HTTPCarrier: ServerCarrier {
    private let configuration: HTTPServerConfiguration
    private let path: String
    private let access: Access
    private let logger: Logger
    private let onListening: @Sendable (String) async -> Void

    private enum Access {
        /// Anybody on this machine may do everything.
        case everybodyHere
        case gate(Gate, TokenVerifier, EndpointConfiguration)
    }

    /// Without authorization, for this machine only: everybody who reaches the loopback interface may do everything.
    /// Pages of other sites may not: `Host` and `Origin` have to be of the loopback interface.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - path: of the endpoint, which begins with `/` and does not end with one.
    ///   - onListening: told the endpoint's URL once it accepts connections.
    public init(
        port: Int, path: String = "/mcp", logger: Logger = Logger(label: "vestibule.http"),
        onListening: @escaping @Sendable (_ url: String) async -> Void = { _ in }
    ) {
        self.configuration = HTTPServerConfiguration(host: "127.0.0.1", port: port)
        self.path = path
        self.access = .everybodyHere
        self.logger = logger
        self.onListening = onListening
    }

    /// With authorization: who may do what, and whose tokens say who somebody is.
    ///
    /// - Parameters:
    ///   - endpoint: its public URL, origins and bounds; its name and bounds of tools count for nothing here.
    ///   - configuration: where it listens.
    ///   - onListening: told the endpoint's URL once it accepts connections.
    public init(
        _ endpoint: EndpointConfiguration, gate: Gate, verifier: TokenVerifier,
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        logger: Logger = Logger(label: "vestibule.http"),
        onListening: @escaping @Sendable (_ url: String) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.path = endpoint.path
        self.access = .gate(gate, verifier, endpoint)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until `SIGTERM`, `SIGINT` or the task's cancellation.
    ///
    /// - Throws: what keeps it from listening, such as a port that is taken.
    public func serve(_ server: MCPServer) async throws {
        let address = "http://\(configuration.host)"
        let path = path
        let service = VestibuleHTTPServer(
            endpoint: endpoint(of: server), configuration: configuration, logger: logger
        ) { [onListening] port in
            await onListening("\(address):\(port)\(path)")
        }
        var group = ServiceGroupConfiguration(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.drain + .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }

    private func endpoint(of server: MCPServer) -> MCPEndpoint {
        switch access {
        case .everybodyHere:
            let configuration = EndpointConfiguration(
                serverInfo: server.info, instructions: server.instructions, resource: "http://127.0.0.1\(path)",
                path: path, allowsLoopbackOrigins: true)
            return MCPEndpoint(
                configuration: configuration, gate: Gate(policy: AccessPolicy(operation: .open)),
                verifier: TokenVerifier(issuers: [], clock: SystemClock()), server: server)
        case .gate(let gate, let verifier, let configuration):
            return MCPEndpoint(configuration: configuration, gate: gate, verifier: verifier, server: server)
        }
    }
}

extension ServerCarrier where Self == HTTPCarrier {
    /// HTTP without authorization, for this machine only; see ``HTTPCarrier/init(port:path:logger:onListening:)``.
    public static func http(
        port: Int, path: String = "/mcp", onListening: @escaping @Sendable (_ url: String) async -> Void = { _ in }
    ) -> HTTPCarrier {
        HTTPCarrier(port: port, path: path, onListening: onListening)
    }

    /// HTTP with authorization; see ``HTTPCarrier/init(_:gate:verifier:configuration:logger:onListening:)``.
    public static func http(
        _ endpoint: EndpointConfiguration, gate: Gate, verifier: TokenVerifier,
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        onListening: @escaping @Sendable (_ url: String) async -> Void = { _ in }
    ) -> HTTPCarrier {
        HTTPCarrier(
            endpoint, gate: gate, verifier: verifier, configuration: configuration, onListening: onListening)
    }
}
