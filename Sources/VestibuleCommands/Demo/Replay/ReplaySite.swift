internal import HTTPTypes
internal import VestibuleProtocol
internal import VestibuleServer
internal import VestibuleWeb

/// The stage on which a page replays the incident and its cure, with the running server: `POST /replay` makes one.
///
/// The page sends with its person's cookie and the session's `Vestibule-CSRF`; the MCP endpoint of a stage asks for
/// neither, its path is known to nobody else.
struct ReplaySite: HTTPSite {
    private static let metadata = "/.well-known/oauth-protected-resource"
    private static let maximumBody = 1024

    private let access: BrowserAccess
    private let stages: ReplayStages

    init(access: BrowserAccess, tools: [ServedTool], clock: any WallClock) {
        self.access = access
        self.stages = ReplayStages(origin: access.address.origin, tools: tools, clock: clock)
    }

    func respond(to request: EndpointRequest) async -> EndpointResponse? {
        let target = request.head.path ?? "/"
        var path = target.prefix { $0 != "?" && $0 != "#" }
        let isMetadata = path.hasPrefix("\(Self.metadata)/replay/")
        if isMetadata { path = path.dropFirst(Self.metadata.count) }
        if path == "/replay" { return open(request) }
        guard path.hasPrefix("/replay/") else { return nil }
        let parts = path.dropFirst("/replay/".count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let stage = stages[parts[0]] else {
            return Self.refusal(
                404, "stage_unknown",
                "no such stage: each lasts ten minutes, and only the newest \(ReplayStages.maximum) are kept; "
                    + "POST /replay makes one")
        }
        if isMetadata || parts[1] == "mcp" { return await speak(request, with: stage) }
        switch parts[1] {
        case "token":
            return change(request) {
                guard let answer = try stage.token() else {
                    return Self.exhausted("\(ReplayStage.maximumTokens) tokens")
                }
                return .json(200, answer)
            }
        case "rotate":
            return change(request) {
                guard let answer = try stage.rotate() else {
                    return Self.refusal(409, "no_secret_left", "this stage has no further secret to rotate to")
                }
                return .json(200, answer)
            }
        case "report": return report(of: stage, query: target.dropFirst(path.count), request)
        default: return Self.refusal(404, "not_found", "a stage has mcp, token, rotate and report")
        }
    }

    var stageCount: Int { stages.count }

    private func open(_ request: EndpointRequest) -> EndpointResponse {
        change(request) {
            guard request.body.count <= Self.maximumBody,
                let body = try? JSONParser(limits: JSONLimits(maximumSize: Self.maximumBody, duplicates: .refuse))
                    .parse(request.body),
                let part = body["part"]?.string.flatMap(ReplayStage.Part.init(rawValue:))
            else {
                return Self.refusal(
                    400, "bad_request", #"the body has to be {"part":"before"} or {"part":"after"}"#)
            }
            return .json(201, try stages.open(part).json)
        }
    }

    /// A request of the person at the page.
    private func change(_ request: EndpointRequest, _ answer: () throws -> EndpointResponse) -> EndpointResponse {
        guard request.head.method == .post else { return .methodNotAllowed("POST") }
        if case .failure(let refusal) = access.authorizeChange(request) { return refusal.response }
        do {
            return try answer()
        } catch {
            return Self.refusal(500, "internal", "the stage could not do that: \(error)")
        }
    }

    private func speak(_ request: EndpointRequest, with stage: ReplayStage) async -> EndpointResponse {
        if let response = await stage.respond(to: request) { return response }
        return Self.exhausted("\(ReplayStage.maximumRequests) requests")
    }

    private static func exhausted(_ what: String) -> EndpointResponse {
        refusal(429, "stage_exhausted", "this stage has had its \(what); POST /replay makes another")
    }

    private func report(
        of stage: ReplayStage, query: some StringProtocol, _ request: EndpointRequest
    ) -> EndpointResponse {
        guard request.head.method == .get else { return .methodNotAllowed("GET") }
        let asked = query.dropFirst().split(separator: "&").first { $0.hasPrefix("part=") }
            .map { $0.dropFirst("part=".count) }
        guard asked.map({ $0 == stage.part.rawValue }) ?? true else {
            return Self.refusal(400, "bad_request", "this stage was made for the part \(stage.part.rawValue)")
        }
        return .json(200, stage.report)
    }

    private static func refusal(_ status: Int, _ error: String, _ detail: String) -> EndpointResponse {
        SiteRefusal(status: status, error: error, detail: detail).response
    }
}
