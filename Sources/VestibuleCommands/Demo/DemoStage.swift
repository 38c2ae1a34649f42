internal import Logging
internal import VestibuleAuth
internal import VestibuleBuckets
internal import VestibuleClient
internal import VestibuleHTTP
internal import VestibuleProtocol
internal import VestibuleServer

/// A real server on loopback, with the incident's key ring and the sample buckets, for as long as the body runs.
struct DemoStage: Sendable {
    var url: String
    var live: LiveKeyRing
    var traffic: DemoTraffic
    var transport: RecordingTransport
    var clock: any WallClock
    var mutations: Set<DemoMutation>

    static func run(
        folder: String, secrets: [RingKey], mutations: Set<DemoMutation>, clock: any WallClock,
        _ body: @escaping @Sendable (DemoStage, DemoKeys) async throws -> DemoRun
    ) async throws -> DemoRun {
        let data = DataDirectory(path: folder)
        try data.prepare()
        try SampleBuckets.create(in: data.buckets)
        let keys = try DemoKeys(file: data.keyRing, secrets: secrets, clock: clock)
        let live = try LiveKeyRing(file: data.keyRing, clock: clock)
        let traffic = DemoTraffic()
        let endpoint = Self.endpoint(data: data, live: live, traffic: traffic, mutations: mutations, clock: clock)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = VestibuleHTTPServer(
            endpoint: endpoint, configuration: HTTPServerConfiguration(port: 0, drain: .seconds(1)),
            logger: Logger(label: "vestibule.demo") { _ in SwiftLogNoOpLogHandler() }
        ) { port in
            listening.yield(port)
            listening.finish()
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { listening.finish() }
                try await server.run()
            }
            defer { group.cancelAll() }
            guard let port = await ports.first(where: { _ in true }) else {
                try await group.next()
                throw CommandFailure.couldNotRun("cannot listen on 127.0.0.1; is loopback up?")
            }
            return try await AsyncHTTPClientTransport.withTransport { transport in
                let stage = DemoStage(
                    url: "http://127.0.0.1:\(port)/mcp", live: live, traffic: traffic,
                    transport: RecordingTransport(base: transport, traffic: traffic), clock: clock,
                    mutations: mutations)
                return try await body(stage, keys)
            }
        }
    }

    private static func endpoint(
        data: DataDirectory, live: LiveKeyRing, traffic: DemoTraffic, mutations: Set<DemoMutation>,
        clock: any WallClock
    ) -> MCPEndpoint {
        let keys: TrustedIssuer.Keys = mutations.contains(.ignoresRotation) ? .fixed(live.current()) : .live(live)
        let issuer = TrustedIssuer(
            name: "front end", issuer: DemoKeys.issuer, audiences: [DemoKeys.audience], keys: keys)
        return MCPEndpoint(
            configuration: EndpointConfiguration(
                serverInfo: Implementation(name: "vestibule", version: VestibuleVersion.text),
                resource: "http://127.0.0.1/mcp", allowsLoopbackOrigins: true),
            gate: Gate(rules: RuleSet(ToolCatalogue.defaultRules)),
            verifier: TokenVerifier(issuers: [issuer], clock: clock),
            tools: ToolCatalogue.tools(
                on: FolderBucketStore(root: data.buckets), visibility: .claimed, clock: clock),
            clock: clock, observer: traffic.observe)
    }

    /// Rotates the secret, and sees to it that the server has noticed (it would within a tenth of a second).
    func rotate(_ keys: inout DemoKeys) throws {
        try keys.rotate(forgetting: mutations.contains(.forgetsRetiredKeys))
        _ = live.refreshed()
    }
}
