internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleWeb

/// Everything that can be configured, checked and complete. Paths are resolved; nothing has been opened yet.
struct Configuration: Sendable {
    struct Session: Sendable, Hashable {
        var remembersToken: Bool
        var idle: Duration
        var maximum: Int
    }

    enum Buckets: Sendable, Hashable {
        /// Sample buckets in the data directory.
        case sample
        case folder(path: String)
        case s3(S3)
    }

    struct S3: Sendable, Hashable {
        enum Addressing: String, Sendable, Hashable { case path, virtualHost }
        var endpoint: String?
        var region: String
        var addressing: Addressing?
    }

    struct Issuer: Sendable {
        enum Keys: Sendable {
            /// The key ring in the data directory.
            case own
            case secrets([Secret])
            /// What the issuer publishes.
            case published(PublishedKeys)
        }

        var name: String
        /// The expected `iss`; `nil` for the origin of the public URL (`own` only).
        var issuer: String?
        /// The expected audiences; empty for the public URL.
        var audiences: [String]
        var keys: Keys
        var algorithms: Set<SignatureAlgorithm>?
        var maximumTokenAge: Duration?
        var leeway: Duration
        var acceptsMissingKeyID: Bool
        var claims = ClaimMapping.standard
        var requiredClaims: [ClaimRequirement] = []
        var tokenType: TokenType?
        var introspection: Introspection?

        static let own = Issuer(
            name: "own", issuer: nil, audiences: [], keys: .own, algorithms: nil, maximumTokenAge: nil,
            leeway: .seconds(5), acceptsMissingKeyID: false)
    }

    /// The key set of an issuer, and where it is.
    struct PublishedKeys: Sendable {
        enum Source: Sendable, Hashable {
            /// Where the issuer's description says.
            case discovery
            case url(String)
            case file(String)
        }

        var source: Source
        var allowsPrivateNetwork: Bool
        /// Where the configuration says it, for messages.
        var place: SettingPlace
    }

    /// How an issuer is asked about its tokens.
    struct Introspection: Sendable {
        /// `nil` for what the issuer publishes.
        var endpoint: String?
        var clientID: String
        var clientSecretFile: String
        var authentication: ClientAuthentication
        var cache: Duration
        var scope: TokenIntrospection.Scope
        var acceptsMissingAudience: Bool
        var allowsPrivateNetwork: Bool
        /// Where the configuration names the secret's file, for messages.
        var place: SettingPlace
    }

    struct Secret: Sendable {
        var keyID: String
        var file: String
        var algorithm: HMACAlgorithm
        var state: KeyState
        var allowsShortSecret: Bool
        /// Where the configuration names the file, for messages.
        var place: SettingPlace
    }

    /// What happens to the data directory's own keys.
    struct Keys: Sendable, Hashable {
        /// How long readers of the published key set may go by it.
        var jwksLifetime: Duration
        var overlap: Duration
        /// How long a key signs until the server rotates by itself; `nil` for never.
        var rotateEvery: Duration?
        var algorithm: SigningAlgorithm?

        /// When keys rotate by themselves; `nil` for never.
        var schedule: RotationSchedule? {
            rotateEvery.map {
                RotationSchedule(every: $0, overlap: overlap, lifetime: jwksLifetime, algorithm: algorithm)
            }
        }
    }

    struct Limits: Sendable, Hashable {
        var body: Int
        var headerSize: Int
        var headerFields: Int
        var headTimeout: Duration
        var bodyTimeout: Duration
        var bodyRate: Int
        var idleTimeout: Duration
        var streamStall: Duration
        var streamKeepAlive: Duration
        var connections: Int
        var refusedTokensPerMinute: Int
        var drain: Duration
        var toolTimeout: Duration
    }

    struct Web: Sendable, Hashable {
        /// Whether `/` is a page.
        var frontPage: Bool
    }

    struct SignIn: Sendable {
        /// How long a token of `/auth/token` is valid.
        var tokenLifetime: Duration
        /// How long a browser stays signed in without a request, and at most.
        var idle: Duration
        var lifetime: Duration
        var grants: [GrantRule]
        var oidc: OIDC?
    }

    /// An OpenID Connect provider.
    struct OIDC: Sendable {
        var issuer: String
        var clientID: String
        var clientSecretFile: String?
        /// `nil` for what the provider supports.
        var clientAuthentication: ClientAuthentication?
        /// Whether the provider is asked for claims that the ID token leaves out.
        var userInfo: Bool
        var scopes: [String]
        /// Where the configuration names the secret's file, or else the provider, for messages.
        var place: SettingPlace
    }

    enum LogFormat: String, Sendable, Hashable, CaseIterable { case text, json }

    var host: String
    var port: Int
    var endpoint: String
    var publicURL: String?
    var allowedOrigins: [String]
    var allowedHosts: [String]
    var data: String
    var policy: AccessPolicy
    /// The rules, or `nil` for those that come with the tools.
    var rules: [Rule]?
    var session: Session
    var issuers: [Issuer]
    var keys: Keys
    var buckets: Buckets
    var web: Web
    var signIn: SignIn
    var limits: Limits
    var logFormat: LogFormat
    var logLevel: String

    /// What the file says, completed with the defaults, for `config print`.
    var settings: SettingSection
    /// What its operator should know, though nothing keeps the server from starting.
    var warnings: [ConfigurationProblem]
    /// The file, as it was named; `nil` where everything is at its default.
    var file: String?
}
