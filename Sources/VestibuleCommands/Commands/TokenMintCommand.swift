internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

struct TokenMintCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "mint", abstract: "Print a token, signed with the data directory's active key.",
        discussion: """
            Example: vestibule token mint --subject ada --bucket demo-bucket --permission s3:ListBucket

            The audience is --audience, else the configuration's publicURL, else the URL of the server that last ran \
            on this data directory. The issuer is the origin of that URL.
            """)

    @OptionGroup var options: DataOptions
    @Option(help: ArgumentHelp("Who the token is for: its `sub`.", valueName: "subject")) var subject: String
    @Option(help: ArgumentHelp("An OAuth scope; may be repeated.", valueName: "scope")) var scope: [String] = []
    @Option(help: ArgumentHelp("A permission, such as s3:ListBucket; may be repeated.", valueName: "permission"))
    var permission: [String] = []
    @Option(help: ArgumentHelp("A bucket that it may reach; may be repeated.", valueName: "bucket"))
    var bucket: [String] = []
    @Option(help: ArgumentHelp("A role; may be repeated.", valueName: "role")) var role: [String] = []
    @Option(
        help: ArgumentHelp("How long it is valid (default: 5m).", valueName: "duration"),
        transform: DurationArgument.read)
    var ttl = DurationArgument(TokenClaims.defaultTimeToLive)
    @Option(help: ArgumentHelp("The key to sign with; by default the active one.", valueName: "kid")) var key: String?
    @Option(help: ArgumentHelp("A further claim, as JSON; may be repeated.", valueName: "name=json"))
    var claim: [String] = []
    @Option(help: ArgumentHelp("The `aud`; may be repeated.", valueName: "audience")) var audience: [String] = []
    @Option(help: ArgumentHelp("The `iss`.", valueName: "issuer")) var issuer: String?
    @Flag(help: "Print JSON.") var json = false

    func run(in context: CommandContext) async throws {
        let configuration = try options.configuration()
        let data = options.dataDirectory(in: context, configuration: configuration)
        let ring = try data.loadKeyRing()
        let resource = ResourceIdentity(configuration: configuration, data: data)
        let named = audience.first.map { ResourceIdentity(url: $0).issuer }
        let claims = TokenClaims(
            issuer: issuer ?? configuration.ownIssuer?.issuer ?? named ?? resource.issuer,
            audience: audience.isEmpty ? [configuration.ownIssuer?.audiences.first ?? resource.url] : audience,
            subject: subject, scope: scope, permissions: permission, roles: role, buckets: bucket,
            timeToLive: ttl.duration, extra: try extraClaims())
        let token: String
        do {
            token = try TokenMinter(ring: ring, clock: context.clock).mint(claims, kid: key)
        } catch {
            throw CommandFailure.couldNotRun(error.description)
        }
        guard json else {
            context.output.line(token)
            return
        }
        var object: JSONObject = ["token": .string(token), "issuer": .string(claims.issuer)]
        object["audience"] = .strings(claims.audience)
        object["kid"] = (key ?? ring.active(at: context.clock.now())?.kid).map(JSONValue.string)
        object["expires_in"] = .integer(Int(ttl.duration.components.seconds))
        context.output.line(JSONValue.object(object).description)
    }

    private func extraClaims() throws -> JSONObject {
        var claims = JSONObject()
        for text in claim {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure.couldNotRun("--claim \(text.quoted): expected NAME=JSON, such as --claim level=3")
            }
            let name = String(text[..<equals])
            let value = String(text[text.index(after: equals)...])
            do {
                claims[name] = try JSONParser().parse(value)
            } catch {
                throw CommandFailure.couldNotRun(
                    "--claim \(name): \(error); a text needs quotes of its own: --claim '\(name)=\"…\"'")
            }
        }
        return claims
    }
}

extension Configuration {
    /// The issuer whose keys are in the data directory, where its tokens are accepted.
    var ownIssuer: Issuer? {
        issuers.first { issuer in
            if case .own = issuer.keys { true } else { false }
        }
    }
}
