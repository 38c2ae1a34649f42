internal import ArgumentParser
internal import VestibuleClient
internal import VestibuleProtocol

/// Where the server is, and where the token comes from.
struct ClientOptions: ParsableArguments, Sendable {
    @Argument(help: "The MCP endpoint, such as http://127.0.0.1:8080/mcp.") var url: String
    @Option(help: ArgumentHelp("The token itself.", valueName: "token")) var token: String?
    @Option(help: ArgumentHelp("A file that holds the token.", valueName: "file")) var tokenFile: String?
    @Option(help: ArgumentHelp("A command that prints a token.", valueName: "command")) var tokenCommand: String?
    @Option(
        help: ArgumentHelp("How long a call may take without progress (default: 1m).", valueName: "duration"),
        transform: DurationArgument.read)
    var timeout = DurationArgument(.seconds(60))
    @Option(help: "The era of MCP to speak: automatic (ask the server), legacy (sessions) or modern.")
    var era = EraArgument.automatic
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Signing in, where the server asks and no token is given") var signIn: SignInOptions

    func validate() throws {
        let sources = [token, tokenFile, tokenCommand].compactMap { $0 }
        guard sources.count <= 1 else {
            throw ValidationError("give one of --token, --token-file and --token-command")
        }
        guard HTTPURL(url) != nil else {
            throw ValidationError("\"\(url)\" is not a URL that starts with http:// or https://")
        }
        guard timeout.duration > .zero else { throw ValidationError("--timeout has to be more than zero") }
        if !sources.isEmpty, signIn.isGiven {
            throw ValidationError("with --token, --token-file or --token-command nobody signs in; leave one out")
        }
    }

    /// Runs the body with a connected client. What goes wrong ends as one line that says what to do.
    func withClient(
        in context: CommandContext, _ body: (MCPClient) async throws -> Void
    ) async throws {
        let client = try makeClient(in: context)
        do {
            try await body(client)
            await client.close()
        } catch {
            await client.close()
            guard let error = error as? MCPClientError else { throw error }
            if json { context.output.line(error.json.description) }
            throw CommandFailure(status: error.isRefusal ? .refused : .couldNotRun, message: error.commandLine)
        }
    }

    private func makeClient(in context: CommandContext) throws -> MCPClient {
        let clock = context.clock
        let configuration = MCPClientConfiguration(
            clientInfo: Implementation(name: "vestibule", version: VestibuleVersion.text), era: era.choice,
            handshakeTimeout: min(.seconds(30), timeout.duration), callTimeout: timeout.duration)
        // Whoever hands over one token wants that one used while it is valid; a command can always make a newer one.
        let asGiven = TokenManagerConfiguration(maximumAge: nil, margin: .zero)
        if let token {
            return MCPClient(
                url: url, token: FixedTokenSource(token), configuration: configuration, tokenConfiguration: asGiven,
                clock: clock)
        }
        if let tokenFile {
            return MCPClient(
                url: url, token: FileTokenSource(path: tokenFile), configuration: configuration,
                tokenConfiguration: asGiven, clock: clock)
        }
        if let tokenCommand {
            return MCPClient(
                url: url, token: CommandTokenSource(shell: tokenCommand), configuration: configuration, clock: clock)
        }
        return MCPClient(
            url: url, token: try signIn.source(for: url, in: context), configuration: configuration, clock: clock)
    }
}

/// `--era`.
enum EraArgument: String, ExpressibleByArgument, CaseIterable {
    case automatic, legacy, modern

    var choice: MCPClientConfiguration.Era {
        switch self {
        case .automatic: .automatic
        case .legacy: .legacy
        case .modern: .modern
        }
    }
}

extension MCPClientError {
    /// Whether somebody said no, as opposed to something that did not work.
    var isRefusal: Bool {
        if rejection != nil { return true }
        switch code {
        case .unauthorized, .forbidden, .sessionLost, .busy, .toolDenied, .staleToken, .serverError: return true
        default: return false
        }
    }

    /// The failure in one line: the reason, what happened, what to do.
    var commandLine: String {
        let lead = reason.map { "\($0.rawValue): " } ?? ""
        if code == .signInFailed, let detail = rejection?.detail {
            return "\(lead)\(detail); signing in failed: \(message); or \(Remedy.signIn.advice)"
        }
        // Whoever was refused for a token that was sent has one; another is due.
        let needsAnother = remedy == .signIn && reason != .tokenMissing
        let advice =
            remedy.map { needsAnother ? "; get a token that was issued for this server" : "; \($0.advice)" }
            ?? ""
        return lead + (rejection?.detail.isEmpty == false ? rejection?.detail ?? message : message) + advice
    }

    var json: JSONValue {
        var object: JSONObject = ["code": .string(code.description), "message": .string(message)]
        object["status"] = status.map(JSONValue.integer)
        if let rejection {
            for member in rejection.data().members { object[member.name] = member.value }
        }
        return ["error": .object(object)]
    }
}

extension Remedy {
    /// What somebody at a terminal can do.
    var advice: String {
        switch self {
        case .refresh: "get a new token (`vestibule token mint …`)"
        case .signIn: "pass a token with --token, --token-file or --token-command"
        case .requestScope: "ask for a token with that scope"
        case .fixClock: "correct the clock of this machine or the issuer's"
        case .reinitialize: "try again"
        case .wait: "wait before the next try"
        case .none: "a new token with the same rights would not change that"
        }
    }
}
