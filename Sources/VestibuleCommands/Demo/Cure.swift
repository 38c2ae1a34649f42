internal import Synchronization
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

/// *After*: the same front end on `MCPClient`, and the secret rotated once more in mid-session.
enum Cure {
    /// How often the tool is called: once at first, twice after the second rotation.
    static let calls = 3

    static func run(on scene: DemoScene) async throws -> DemoRun {
        let stage = scene.stage
        var keys = scene.keys
        let cached = try stage.makeStaleToken(&keys)
        let frontEnd = FrontEnd(keys: keys, cached: cached, traffic: stage.traffic, mutations: stage.mutations)
        let client = client(of: frontEnd, on: scene)
        var failure = await call(client)
        try stage.rotateAgain(&keys)
        frontEnd.adopt(keys)
        for _ in 1..<calls { failure = await call(client) ?? failure }
        await client.close()
        return DemoRun(requests: stage.traffic.requests, keys: keys.fingerprints, failure: failure)
    }

    /// - Returns: What went wrong; `nil` where nothing did.
    private static func call(_ client: MCPClient) async -> String? {
        do {
            let result = try await client.callTool(DemoStage.tool, arguments: DemoStage.arguments)
            return result.isError ? result.content.first?.text ?? "the tool failed" : nil
        } catch {
            return "\(error)"
        }
    }

    private static func client(of frontEnd: FrontEnd, on scene: DemoScene) -> MCPClient {
        let mutations = scene.stage.mutations
        var configuration = MCPClientConfiguration(
            clientInfo: Implementation(name: "vestibule-demo", version: VestibuleVersion.text))
        var tokens = TokenManagerConfiguration()
        // The incident happened to a session, and so does its cure.
        configuration.era = .legacy
        var transport = scene.transport
        if mutations.contains(.sendsCachedTokenOnHandshake) {
            configuration.handshakeToken = .sent
            tokens.maximumAge = nil
        }
        if mutations.contains(.keepsRefusedToken) {
            let first = FirstToken()
            transport.rewriteToken = { first.replacing($0) }
        }
        if mutations.contains(.sendsNoToken) { transport.rewriteToken = { _ in nil } }
        let source = ClosureTokenSource { _ in IssuedToken(try frontEnd.token()) }
        return MCPClient(
            url: scene.url, token: source, configuration: configuration, tokenConfiguration: tokens,
            transport: transport, clock: scene.stage.clock)
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
