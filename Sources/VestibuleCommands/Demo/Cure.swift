internal import Synchronization
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

/// *After*: the same front end on `MCPClient`, and the secret rotated once more in mid-session.
enum Cure {
    /// How often the tool is called: once at first, twice after the second rotation.
    static let calls = 3

    static func run(on stage: DemoStage, keys: DemoKeys) async throws -> DemoRun {
        var keys = keys
        let cached = try keys.token(age: .seconds(26 * 3600))
        var fingerprints = [keys.current.fingerprint]
        stage.traffic.note(token: cached, signedBy: keys.current.fingerprint)
        try stage.rotate(&keys)
        fingerprints.append(keys.current.fingerprint)
        let frontEnd = FrontEnd(keys: keys, cached: cached, traffic: stage.traffic, mutations: stage.mutations)
        let client = client(of: frontEnd, on: stage)
        var failure = await call(client)
        stage.traffic.note(event: "the secret is rotated again, with no overlap")
        try stage.rotate(&keys)
        fingerprints.append(keys.current.fingerprint)
        frontEnd.adopt(keys)
        for _ in 1..<calls { failure = await call(client) ?? failure }
        await client.close()
        return DemoRun(requests: stage.traffic.requests, keys: fingerprints, failure: failure)
    }

    /// - Returns: What went wrong; `nil` where nothing did.
    private static func call(_ client: MCPClient) async -> String? {
        do {
            let result = try await client.callTool("bucket_objects_list", arguments: ["bucket": "demo-bucket"])
            return result.isError ? result.content.first?.text ?? "the tool failed" : nil
        } catch {
            return "\(error)"
        }
    }

    private static func client(of frontEnd: FrontEnd, on stage: DemoStage) -> MCPClient {
        var configuration = MCPClientConfiguration(
            clientInfo: Implementation(name: "vestibule-demo", version: VestibuleVersion.text))
        var tokens = TokenManagerConfiguration()
        var transport = stage.transport
        if stage.mutations.contains(.sendsCachedTokenOnHandshake) {
            configuration.handshakeToken = .sent
            tokens.maximumAge = nil
        }
        if stage.mutations.contains(.keepsRefusedToken) {
            let first = FirstToken()
            transport.rewriteToken = { first.replacing($0) }
        }
        if stage.mutations.contains(.sendsNoToken) { transport.rewriteToken = { _ in nil } }
        let source = ClosureTokenSource { _ in IssuedToken(try frontEnd.token()) }
        return MCPClient(
            url: stage.url, token: source, configuration: configuration, tokenConfiguration: tokens,
            transport: transport, clock: stage.clock)
    }
}

/// The part of a front end that makes tokens, with the secret that it was given last.
private final class FrontEnd: Sendable {
    private struct State {
        var keys: DemoKeys
        var cached: String?
    }
    private let state: Mutex<State>
    private let traffic: DemoTraffic

    init(keys: DemoKeys, cached: String, traffic: DemoTraffic, mutations: Set<DemoMutation>) {
        self.state = Mutex(
            State(keys: keys, cached: mutations.contains(.sendsCachedTokenOnHandshake) ? cached : nil))
        self.traffic = traffic
    }

    func adopt(_ keys: DemoKeys) {
        state.withLock { $0.keys = keys }
    }

    func token() throws -> String {
        try state.withLock { state in
            if let cached = state.cached {
                state.cached = nil
                return cached
            }
            let token = try state.keys.token()
            traffic.note(token: token, signedBy: state.keys.current.fingerprint)
            return token
        }
    }
}

/// Holds on to the first token that passes.
private final class FirstToken: Sendable {
    private let token = Mutex<String?>(nil)

    func replacing(_ other: String?) -> String? {
        guard let other else { return nil }
        return token.withLock { token in
            if token == nil { token = other }
            return token
        }
    }
}
