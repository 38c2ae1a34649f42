internal import HTTPTypes
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle
internal import Synchronization
public import VestibuleServer

/// An ``MCPEndpoint`` behind HTTP/1.1, on Hummingbird's server.
///
/// Besides the endpoint there are `/healthz` (200 while the process serves) and `/readyz` (503 while it drains or is
/// not ready). Every other path is offered to the sites in turn, and else the endpoint's to answer, which says where it
/// is.
///
/// At graceful shutdown (`SIGTERM` through a `ServiceGroup`) no new connection is accepted, idle ones are closed, and
/// requests whose head has arrived are served to their end within ``HTTPServerConfiguration/drain``; streams that would
/// not end by themselves end at once, in an orderly way. ``run()`` then returns without an error.
public struct VestibuleHTTPServer: Service {
    private let endpoint: MCPEndpoint
    private let sites: [any HTTPSite]
    private let configuration: HTTPServerConfiguration
    private let readiness: @Sendable () -> Bool
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - sites: what answers paths beside the endpoint; the first that knows a path answers it.
    ///   - readiness: whether the server should get requests, for `/readyz`.
    ///   - onListening: told the port once the server accepts connections; the port that was found where 0 was asked for.
    public init(
        endpoint: MCPEndpoint, sites: [any HTTPSite] = [],
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        readiness: @escaping @Sendable () -> Bool = { true }, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.endpoint = endpoint
        self.sites = sites
        self.configuration = configuration
        self.readiness = readiness
        self.logger = logger
        self.onListening = onListening
    }

    /// Listens and serves until a graceful shutdown or the task's cancellation.
    ///
    /// - Throws: what kept it from listening, such as a port that is taken.
    public func run() async throws {
        let draining = DrainFlag()
        let server = makeServer(draining: draining)
        let drain = configuration.drain
        let (sites, endpoint) = (sites, endpoint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run()
                // Calls whose client has gone go on all the same.
                await endpoint.callsFinished()
            }
            group.addTask {
                do {
                    try await gracefulShutdown()
                    draining.set()
                    for site in sites { site.drain() }
                    endpoint.drain()
                    try await Task.sleep(for: drain)
                } catch is CancellationError {
                    // The server ended first.
                }
            }
            defer { endpoint.cancelCalls() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func makeServer(draining: DrainFlag) -> any Service {
        let responder = Responder(endpoint: endpoint, sites: sites) { [readiness] in !draining.isSet && readiness() }
        return EndpointChannel(responder: responder, configuration: configuration)
            .server(
                configuration: ServerConfiguration(
                    address: .hostname(configuration.host, port: configuration.port), backlog: configuration.backlog,
                    availableConnectionsDelegate: MaximumAvailableConnections(
                        configuration.maximumConnections, logger: logger)),
                onServerRunning: { [onListening] channel in
                    await onListening(channel.localAddress?.port ?? 0)
                },
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }
}

/// Whether the server is on its way out.
private final class DrainFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}

/// Says where it listens and nothing else. Whoever prints a service (a `ServiceGroup` does, to log it) would otherwise
/// print all that it is made of: every key of every ring, and every file.
extension VestibuleHTTPServer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "VestibuleHTTPServer(\(configuration.host):\(configuration.port))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
