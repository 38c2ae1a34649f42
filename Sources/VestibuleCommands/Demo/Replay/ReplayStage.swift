internal import HTTPTypes
internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// One run of the demonstration whose front end is a page: a ``DemoStage`` under a path of the running server, with its
/// keys in memory, judged by what it was sent.
final class ReplayStage: Sendable {
    enum Part: String, Sendable { case before, after }

    /// How many requests a stage takes.
    static let maximumRequests = 200
    /// How many tokens it gives, besides yesterday's: one for each request.
    static let maximumTokens = 200

    /// Nobody can guess it, and whoever knows it may speak to the stage.
    let id: String
    let part: Part
    let createdAt: NumericDate
    private let staleToken: String
    private let secrets: [RingKey]
    private let stage: DemoStage
    private let keys: Mutex<DemoKeys>
    private let taken = Mutex((requests: 0, tokens: 0))

    /// - Parameters:
    ///   - origin: The server's, such as `http://127.0.0.1:8080`.
    ///   - tools: What may be called on it, as on every stage.
    init(id: String, part: Part, origin: String, tools: [ServedTool], clock: any WallClock) throws {
        let secrets = try DemoKeys.secrets(clock: clock)
        let live = LiveKeyRing(ring: try DemoKeys.ring(of: secrets), clock: clock)
        var keys = try DemoKeys(secrets: secrets, clock: clock) { change throws(KeyError) in try live.update(change) }
        let stage = DemoStage(
            resource: origin + Self.path(id), path: Self.path(id), live: live, tools: tools,
            session: SessionConfiguration(maximum: 32), clock: clock)
        self.id = id
        self.part = part
        self.createdAt = clock.now()
        self.secrets = secrets
        self.stage = stage
        self.staleToken = try stage.makeStaleToken(&keys)
        self.keys = Mutex(keys)
    }

    static func path(_ id: String) -> String { "/replay/\(id)/mcp" }

    /// What the page needs to play its part.
    var json: JSONObject {
        let notes = ["yesterday", "today", "after one more rotation"]
        let secrets = zip(secrets, notes).prefix(part == .before ? 2 : 3).enumerated()
            .map { index, secret -> JSONValue in
                [
                    "label": .string(DemoTimeline.letter(index)), "fingerprint": .string(secret.0.fingerprint),
                    "length": .integer(index == 0 ? DemoKeys.yesterdaysLength : DemoKeys.todaysLength),
                    "note": .string(secret.1),
                ]
            }
        return [
            "id": .string(id), "part": .string(part.rawValue), "url": .string(Self.path(id)),
            "tool": .string(DemoStage.tool), "arguments": .object(DemoStage.arguments),
            "stale_token": .string(staleToken), "secrets": .array(secrets),
        ]
    }

    /// A token by the secret of the moment, as the front end's own server would give it; `nil` where it has given as
    /// many as it gives.
    func token() throws -> JSONObject? {
        guard taken.withLock({ Self.take(&$0.tokens, of: Self.maximumTokens) }) else { return nil }
        let (token, fingerprint) = try keys.withLock { (try $0.token(), $0.current.fingerprint) }
        stage.traffic.note(token: token, signedBy: fingerprint)
        return [
            "access_token": .string(token), "token_type": "Bearer",
            "expires_in": .integer(Int(DemoKeys.lifetime.components.seconds)),
        ]
    }

    /// Puts the next secret in place, without overlap.
    ///
    /// - Returns: the fingerprints of the old and the new one; `nil` where there is none left.
    func rotate() throws -> JSONObject? {
        try keys.withLock { keys in
            guard keys.canRotate else { return nil }
            let retired = keys.current.fingerprint
            try stage.rotateAgain(&keys)
            return [
                "kid": .string(DemoKeys.kid), "retired": .string(retired),
                "active": .string(keys.current.fingerprint),
            ]
        }
    }

    /// Answers a request to the stage's MCP endpoint or its metadata, and remembers it; `nil` where it has taken as many
    /// as it takes.
    func respond(to request: EndpointRequest) async -> EndpointResponse? {
        guard taken.withLock({ Self.take(&$0.requests, of: Self.maximumRequests) }) else { return nil }
        let response = await stage.endpoint.respond(to: request)
        let token = request.head.headerFields[.authorization].map { String($0.dropFirst("Bearer ".count)) }
        let requestID = HTTPField.Name(MCPHeader.requestID).flatMap { response.head.headerFields[$0] }
        stage.traffic.sent(token: token, requestID: requestID)
        return response
    }

    /// Counts before the work and not after it: many may come at once.
    private static func take(_ number: inout Int, of maximum: Int) -> Bool {
        guard number < maximum else { return false }
        number += 1
        return true
    }

    /// What was recorded so far, as `vestibule demo --json` has it for one part, with the criteria.
    var report: JSONObject {
        let run = DemoRun(requests: stage.traffic.requests, keys: keys.withLock { $0.fingerprints })
        let criteria = DemoCriterion.judge(run)
        var object: JSONObject = ["part": .string(part.rawValue)]
        for member in run.json.members { object.append(member.name, member.value) }
        object["criteria"] = criteria.json
        object["holds"] = .bool(criteria.allSatisfy(\.holds))
        object["incident"] = .bool(Incident.isReplayed(by: run))
        return object
    }
}

extension DemoRun {
    /// By the server's record alone: what the user saw is how the last call of a tool ended.
    fileprivate init(requests: [DemoRequest], keys: [String]) {
        let call = requests.last { $0.server.tool != nil }
        let isAnswered = call.map { $0.server.verdict == .admitted && $0.server.status == 200 }
        let failure: String? =
            switch isAnswered {
            case nil: "no tool was called"
            case true?: nil
            case false?: "Access denied"
            }
        self.init(requests: requests, keys: keys, failure: failure)
    }
}
