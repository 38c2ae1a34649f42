internal import ArgumentParser
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals
internal import VestibuleAuth
internal import VestibuleHTTP
internal import VestibuleProtocol

struct ServeCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve MCP: an open handshake, locked operations.",
        discussion: """
            Example: vestibule serve
                     vestibule serve --config vestibule.yaml --log-format json

            On an empty data directory it creates a signing key and sample buckets, and prints three commands to try. \
            SIGTERM and SIGINT let running calls finish.
            """)

    @OptionGroup var options: DataOptions
    @Option(help: ArgumentHelp("The address to listen on.", valueName: "host")) var host: String?
    @Option(help: ArgumentHelp("The port; 0 takes any free one.", valueName: "port")) var port: Int?
    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var logFormat: String?
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port has to be from 0 to 65535") }
        if let host, !TextForm.host.isValid(host) {
            throw ValidationError("--host: expected \(TextForm.host.expectation)")
        }
        if let logFormat, Configuration.LogFormat(rawValue: logFormat) == nil {
            throw ValidationError("--log-format has to be text or json")
        }
        if let logLevel, Logger.Level(rawValue: logLevel) == nil {
            throw ValidationError(
                "--log-level has to be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run(in context: CommandContext) async throws {
        let configuration = try effectiveConfiguration()
        for warning in configuration.warnings {
            context.talk.line(warning.line(file: configuration.file ?? ""))
        }
        if configuration.listensOnEveryAddress, configuration.publicURL == nil {
            context.talk.line(
                "vestibule: warning: listening on every address without publicURL: clients that use another name than "
                    + "loopback are refused (host_forbidden); set publicURL or allowedHosts")
        }
        let data = options.dataDirectory(in: context, configuration: configuration)
        try data.prepare()
        for warning in data.warnings() { context.talk.line("vestibule: warning: \(warning)") }
        let relay = ShutdownRelay()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            // One listener for all attempts: a stream whose listener is cancelled has ended for good.
            if let shutdown = context.shutdown {
                tasks.addTask {
                    for await _ in shutdown { break }
                    if !Task.isCancelled { await relay.request() }
                }
            }
            defer { tasks.cancelAll() }
            try await serveOnSomePort(configuration, data: data, in: context, relay: relay)
        }
    }

    private func serveOnSomePort(
        _ configuration: Configuration, data: DataDirectory, in context: CommandContext, relay: ShutdownRelay
    ) async throws {
        // A free port may be taken by another between its choice and its use.
        var attempts = configuration.port == 0 ? 3 : 1
        while true {
            attempts -= 1
            do {
                return try await serve(configuration, data: data, in: context, relay: relay)
            } catch is PortTaken where attempts > 0 {
                continue
            } catch let taken as PortTaken {
                throw CommandFailure.couldNotRun(
                    "cannot listen on \(configuration.host), port \(taken.port): \(taken.cause); choose with "
                        + "--host and --port")
            }
        }
    }

    private func effectiveConfiguration() throws -> Configuration {
        var configuration = try options.configuration()
        if let host { configuration.host = host }
        if let port { configuration.port = port }
        if let format = logFormat.flatMap(Configuration.LogFormat.init) { configuration.logFormat = format }
        if let logLevel { configuration.logLevel = logLevel }
        return configuration
    }

    /// The server could not listen, though the port was free a moment ago.
    private struct PortTaken: Error {
        var port: Int
        var cause: String
    }

    private func serve(
        _ configuration: Configuration, data: DataDirectory, in context: CommandContext, relay: ShutdownRelay
    ) async throws {
        let port = try ListenProbe.port(host: configuration.host, port: configuration.port)
        let handler = LineLogHandler(
            format: configuration.logFormat, sink: context.talk, clock: context.clock,
            logLevel: Logger.Level(rawValue: configuration.logLevel) ?? .info)
        let log = RequestLog(handler: handler)
        let keyLog = KeyLog(handler: handler)
        let assembly = try ServerAssembly(
            configuration: configuration, data: data, port: port, clock: context.clock, observer: log.record,
            keyObserver: { keyLog.note(issuer: $0, $1) }, remoteKeyObserver: { keyLog.note(issuer: $0, $1) },
            revocationObserver: { keyLog.note($0) }, introspectionObserver: { keyLog.note(issuer: $0, $1) })
        for warning in assembly.warnings { context.talk.line("vestibule: warning: \(warning)") }
        try data.save(resource: assembly.resource.url, jwksLifetime: configuration.keys.jwksLifetime)
        let welcome = Welcome(
            executable: context.executable, url: configuration.url(port: port), data: data, config: options.config,
            frontPage: configuration.web.frontPage ? assembly.resource.issuer + "/" : nil,
            createdKeys: assembly.createdKeys,
            offersSample: configuration.buckets == .sample && configuration.ownIssuer != nil
                && configuration.rules == nil)
        // The libraries' own notices belong to whoever debugs them.
        var quiet = handler
        quiet.logLevel = max(handler.logLevel, handler.logLevel > .debug ? .warning : .debug)
        let logger = Logger(label: "vestibule") { [quiet] _ in quiet }
        let listening = ListeningFlag()
        let server = VestibuleHTTPServer(
            endpoint: assembly.endpoint, sites: assembly.sites, configuration: assembly.http,
            readiness: assembly.isReady, logger: logger
        ) { _ in
            listening.set()
            for line in welcome.lines() { context.talk.line(line) }
        }
        var services = assembly.services
        if let schedule = configuration.keys.schedule, configuration.ownIssuer != nil {
            let rotation = ScheduledRotation(
                file: data.keyRing, schedule: schedule, clock: context.clock, observer: KeyLog(handler: handler).note)
            services.append(.init(service: RotationService(rotation: rotation), successTerminationBehavior: .ignore))
        }
        services.append(.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup))
        do {
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    // Ended in the opposite order: the keys last, while requests that are under way may need them.
                    services: services,
                    gracefulShutdownSignals: context.shutdown == nil ? [.sigterm, .sigint] : [], logger: logger))
            await relay.attach(group)
            try await group.run()
        } catch is CancellationError {
            throw CancellationError()
        } catch  where !listening.isSet {
            throw PortTaken(port: port, cause: "\(error)")
        }
    }
}

/// Rotates the own keys until the server shuts down.
private struct RotationService: Service {
    var rotation: ScheduledRotation

    func run() async { await cancelWhenGracefulShutdown { await rotation.run() } }
}

/// Hands a request to stop on to the services that run now, or to those that are about to.
private final class ShutdownRelay: Sendable {
    private struct State {
        var isRequested = false
        var group: ServiceGroup?
    }

    private let state = Mutex(State())

    func attach(_ group: ServiceGroup) async {
        let isRequested = state.withLock { state in
            state.group = group
            return state.isRequested
        }
        if isRequested { await group.triggerGracefulShutdown() }
    }

    func request() async {
        let group = state.withLock { state in
            state.isRequested = true
            return state.group
        }
        await group?.triggerGracefulShutdown()
    }
}

/// Whether the server got as far as listening.
private final class ListeningFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
