internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// The incident's server: an MCP endpoint that goes by the demonstration's own keys, and a record of what it was sent.
struct DemoStage: Sendable {
    /// What is called, and with what, in every run.
    static let tool = "bucket_objects_list"
    static let arguments: JSONObject = ["bucket": "demo-bucket"]

    var endpoint: MCPEndpoint
    var live: LiveKeyRing
    var traffic: DemoTraffic
    var clock: any WallClock
    var mutations: Set<DemoMutation>

    /// - Parameters:
    ///   - resource: The endpoint's URL; its path is where the endpoint answers.
    ///   - live: The keys that the endpoint goes by.
    init(
        resource: String, path: String, live: LiveKeyRing, tools: [ServedTool], mutations: Set<DemoMutation> = [],
        session: SessionConfiguration = SessionConfiguration(), clock: any WallClock
    ) {
        self.live = live
        self.clock = clock
        self.mutations = mutations
        let traffic = DemoTraffic()
        self.traffic = traffic
        let keys: TrustedIssuer.Keys = mutations.contains(.ignoresRotation) ? .fixed(live.current()) : .live(live)
        let issuer = TrustedIssuer(
            name: "front end", issuer: DemoKeys.issuer, audiences: [DemoKeys.audience], keys: keys)
        endpoint = MCPEndpoint(
            configuration: EndpointConfiguration(
                serverInfo: Implementation(name: "vestibule", version: VestibuleVersion.text), resource: resource,
                path: path, allowsLoopbackOrigins: true, session: session),
            gate: Gate(rules: RuleSet(ToolCatalogue.defaultRules)),
            verifier: TokenVerifier(issuers: [issuer], clock: clock),
            tools: tools, clock: clock, observer: traffic.observe)
    }

    /// Yesterday's token, signed with yesterday's secret, in place of which another has been put since.
    func makeStaleToken(_ keys: inout DemoKeys) throws -> String {
        let token = try keys.token(age: .seconds(26 * 3600))
        traffic.note(token: token, signedBy: keys.current.fingerprint)
        try rotate(&keys)
        return token
    }

    /// The rotation in mid-session.
    func rotateAgain(_ keys: inout DemoKeys) throws {
        traffic.note(event: "the secret is rotated again, with no overlap")
        try rotate(&keys)
    }

    /// Rotates the secret, and sees to it that the server has noticed (it would within a tenth of a second).
    private func rotate(_ keys: inout DemoKeys) throws {
        try keys.rotate(forgetting: mutations.contains(.forgetsRetiredKeys))
        _ = live.refreshed()
    }
}
