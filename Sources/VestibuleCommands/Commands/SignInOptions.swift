internal import ArgumentParser
internal import VestibuleClient
internal import VestibuleProtocol

/// How `call` and `tools` sign in where the server asks for a token and none is given.
struct SignInOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The client id, where this program is registered beforehand.", valueName: "id"))
    var clientID: String?
    @Option(help: ArgumentHelp("A file that holds the client's secret.", valueName: "file"))
    var clientSecretFile: String?
    @Option(help: ArgumentHelp("A scope to ask for beyond what the server names; may be repeated.", valueName: "scope"))
    var scope: [String] = []
    @Option(
        help: ArgumentHelp(
            "The port of http://127.0.0.1:PORT/callback, where the client is registered with it (default: a free one).",
            valueName: "port"))
    var redirectPort: Int?
    @Flag(help: "Print the sign-in page's URL instead of opening a browser.") var noBrowser = false
    @Option(
        help: ArgumentHelp("How long to wait for the person who signs in (default: 5m).", valueName: "duration"),
        transform: DurationArgument.read)
    var signInTimeout = DurationArgument(.seconds(300))
    @Option(
        help: ArgumentHelp(
            "The data directory that keeps what was signed in with (else VESTIBULE_DATA, else ./vestibule-data).",
            valueName: "dir"))
    var data: String?

    /// Whether anything was said of signing in.
    var isGiven: Bool {
        clientID != nil || clientSecretFile != nil || !scope.isEmpty || noBrowser || redirectPort != nil
    }

    func validate() throws {
        if clientSecretFile != nil, clientID == nil { throw ValidationError("--client-secret-file needs --client-id") }
        if let redirectPort, !(1...65_535).contains(redirectPort) {
            throw ValidationError("--redirect-port has to lie between 1 and 65535")
        }
        guard (Duration.zero..<Duration.seconds(3600)).contains(signInTimeout.duration), signInTimeout.duration > .zero
        else { throw ValidationError("--sign-in-timeout has to be more than zero and less than 1h") }
    }

    /// - Throws: ``CommandFailure``, where the secret cannot be read.
    func source(for url: String, in context: CommandContext) throws -> OAuthTokenSource {
        let timeout = signInTimeout.duration
        let page = SignInPage(context: context, opensBrowser: !noBrowser && context.talk.width != nil)
        let ui = LoopbackAuthorizationUI(timeout: timeout, port: redirectPort, clock: context.clock) { url in
            try await page.show(url)
        }
        let directory = DataDirectory(
            path: context.dataDirectory(option: data, configured: ConfigurationLoader.defaults.data))
        return OAuthTokenSource(
            server: url, grant: .authorizationCode(ui),
            configuration: OAuthConfiguration(
                clients: try clients(),
                metadata: OAuthClientMetadata(
                    name: "vestibule", softwareVersion: VestibuleVersion.text),
                scope: scope, signInTimeout: timeout + .seconds(60)),
            store: CommandCredentialStore(directory: directory, clock: context.clock),
            // A person's own machine asks what a person's own network holds.
            transport: GuardedTransport(allowsPrivateNetwork: true), clock: context.clock)
    }

    private func clients() throws -> [OAuthClient] {
        guard let clientID else { return [] }
        return [OAuthClient(id: clientID, secret: try secret())]
    }

    private func secret() throws -> String? {
        guard let clientSecretFile else { return nil }
        let contents = try TextFile.contents(of: clientSecretFile, maximumSize: 64 * 1024, what: "client secret")
        guard !contents.isReadableByOthers else {
            throw CommandFailure.couldNotRun(
                "the client secret \(clientSecretFile) may be read by others; run: chmod 600 \(clientSecretFile)")
        }
        let text = String(decoding: contents.bytes, as: UTF8.self)
        let secret = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard !secret.isEmpty else {
            throw CommandFailure.couldNotRun("the client secret \(clientSecretFile) is empty")
        }
        return secret
    }
}

/// The credentials of the data directory, which is made only when there is something to keep.
struct CommandCredentialStore: CredentialStore {
    private let directory: DataDirectory
    private let file: FileCredentialStore

    init(directory: DataDirectory, clock: any WallClock) {
        self.directory = directory
        self.file = FileCredentialStore(path: directory.credentials, clock: clock)
    }

    func client(issuer: String) async throws -> OAuthClient? { try await file.client(issuer: issuer) }
    func signIn(resource: String, issuer: String?) async throws -> StoredSignIn? {
        try await file.signIn(resource: resource, issuer: issuer)
    }

    func save(_ client: OAuthClient) async throws {
        try directory.prepare()
        try await file.save(client)
    }

    func save(_ signIn: StoredSignIn) async throws {
        try directory.prepare()
        try await file.save(signIn)
    }

    func removeClient(issuer: String) async throws {
        guard FilePath.exists(directory.credentials) else { return }
        try await file.removeClient(issuer: issuer)
    }

    func removeSignIn(resource: String, issuer: String) async throws {
        guard FilePath.exists(directory.credentials) else { return }
        try await file.removeSignIn(resource: resource, issuer: issuer)
    }

    func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        guard FilePath.isFolder(directory.path) else { return try await body() }
        return try await file.exclusively(body)
    }
}
