import Foundation
import Logging
import Synchronization
import VestibuleAuth
import VestibuleHTTP
import VestibuleProtocol
import VestibuleServer

/// A real server on a port of its own, with a key ring in a file of its own, for as long as a closure runs.
struct RunningServer: Sendable {
    let url: String
    let keys: KeyRingFile
    let issuer: String
    let records: RecordBox

    /// Serves `tools` while the body runs, then shuts down.
    static func with<Value: Sendable>(
        tools: [ServedTool], gate: Gate = Gate(), body: @Sendable @escaping (RunningServer) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(path: "vestibule-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let clock = SystemClock()
        let file = KeyRingFile(path: directory + "/keys.json")
        var ring = KeyRing()
        var first = RingKey.generate(.es256, createdAt: clock.now())
        try ring.add(first)
        first = try ring.rotate(to: first, overlap: .zero, now: clock.now())
        try file.save(ring)

        let resource = "http://127.0.0.1/mcp"
        let issuer = TrustedIssuer(
            name: "own", issuer: "http://127.0.0.1", audiences: [resource],
            keys: .live(try LiveKeyRing(file: file, clock: clock)))
        let records = RecordBox()
        let endpoint = MCPEndpoint(
            configuration: EndpointConfiguration(
                serverInfo: Implementation(name: "end-to-end", version: "1"), resource: resource,
                allowsLoopbackOrigins: true),
            gate: gate, verifier: TokenVerifier(issuers: [issuer], clock: clock), tools: tools, clock: clock,
            observer: { records.append($0) })

        var silent = Logger(label: "end-to-end")
        silent.logLevel = .critical
        let logger = silent
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                let server = VestibuleHTTPServer(
                    endpoint: endpoint, configuration: HTTPServerConfiguration(host: "127.0.0.1", port: 0),
                    logger: logger, onListening: { port.yield($0) })
                try? await server.run()
                return nil
            }
            var found = ports.makeAsyncIterator()
            guard let number = await found.next() else { throw CancellationError() }
            let running = RunningServer(
                url: "http://127.0.0.1:\(number)/mcp", keys: file, issuer: "http://127.0.0.1", records: records)
            let value = try await body(running)
            group.cancelAll()
            return value
        }
    }

    /// A token of the key that is active now.
    func mint(subject: String = "ada") throws -> String {
        let claims = TokenClaims(issuer: issuer, audience: ["http://127.0.0.1/mcp"], subject: subject)
        return try TokenMinter(ring: try keys.load(), clock: SystemClock()).mint(claims)
    }
}

/// What the server recorded, for reading while it goes on.
final class RecordBox: Sendable {
    private let records = Mutex<[RequestRecord]>([])

    func append(_ record: RequestRecord) { records.withLock { $0.append(record) } }
    var all: [RequestRecord] { records.withLock { $0 } }
}

/// Lines that several tasks write.
final class Notes: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// Says once that something is over.
final class Latch: Sendable {
    private let state = Mutex(false)

    func open() { state.withLock { $0 = true } }
    var isOpen: Bool { state.withLock { $0 } }
}

/// Counts, and lets others wait until a number is reached.
final class Counter: Sendable {
    private struct State {
        var value = 0
        var waiting: [(goal: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var value: Int { state.withLock { $0.value } }

    func increment() {
        let reached = state.withLock { state in
            state.value += 1
            let reached = state.waiting.filter { $0.goal <= state.value }
            state.waiting.removeAll { $0.goal <= state.value }
            return reached
        }
        for waiter in reached { waiter.continuation.resume() }
    }

    func reaches(_ goal: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.value >= goal { return true }
                state.waiting.append((goal, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
