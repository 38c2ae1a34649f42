internal import Logging
internal import VestibuleAuth
internal import VestibuleBuckets
internal import VestibuleClient
internal import VestibuleHTTP
internal import VestibuleProtocol

/// A stage behind a server of its own on loopback, its keys in a file, for as long as the body runs.
struct DemoScene: Sendable {
    var stage: DemoStage
    var keys: DemoKeys
    var url: String
    var transport: RecordingTransport

    static func run(
        folder: String, secrets: [RingKey], mutations: Set<DemoMutation>, clock: any WallClock,
        _ body: @escaping @Sendable (DemoScene) async throws -> DemoRun
    ) async throws -> DemoRun {
        let data = DataDirectory(path: folder)
        try data.prepare()
        try SampleBuckets.create(in: data.buckets)
        let file = data.keyRing
        _ = try file.loadOrCreate { () throws(KeyError) in try DemoKeys.ring(of: secrets) }
        let keys = try DemoKeys(secrets: secrets, clock: clock) { change throws(KeyError) in try file.update(change) }
        let stage = DemoStage(
            resource: "http://127.0.0.1/mcp", path: "/mcp", live: try LiveKeyRing(file: file, clock: clock),
            tools: ToolCatalogue.tools(
                on: FolderBucketStore(root: data.buckets), visibility: .claimed, clock: clock),
            mutations: mutations, clock: clock)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = VestibuleHTTPServer(
            endpoint: stage.endpoint, configuration: HTTPServerConfiguration(port: 0, drain: .seconds(1)),
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
                let scene = DemoScene(
                    stage: stage, keys: keys, url: "http://127.0.0.1:\(port)/mcp",
                    transport: RecordingTransport(base: transport, traffic: stage.traffic))
                return try await body(scene)
            }
        }
    }
}
