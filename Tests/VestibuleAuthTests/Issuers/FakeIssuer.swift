import Synchronization
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleAuth

/// An issuer that publishes a description and keys, signs tokens, and counts who asks.
final class FakeIssuer: Sendable {
    static let issuer = "https://idp.test/realm"
    static let description = "https://idp.test/realm/.well-known/openid-configuration"
    static let keys = "https://idp.test/keys"

    struct State {
        var issuer = FakeIssuer.issuer
        var keys: [RingKey]
        /// What stands at which URL, in the place of the usual.
        var documents: [String: IssuerDocument] = [:]
        var failure: IssuerFailure?
        var cacheControl: String?
        /// An answer is made at once, and then waits here.
        var latch: Latch?
        var asked: [String] = []
        var news: [RemoteKeyRing.News] = []
        var lastToken = 0
    }

    let clock = FakeClock()
    let state: Mutex<State>

    init() {
        state = Mutex(State(keys: [RingKey.generate(.es256, kid: "key-1", createdAt: clock.now())]))
    }

    func change(_ body: (inout sending State) -> Void) { state.withLock { body(&$0) } }

    func publish(_ keys: RingKey...) { change { $0.keys = keys } }

    func key(_ kid: String) -> RingKey { .generate(.es256, kid: kid, createdAt: clock.now()) }

    /// How often a URL was asked.
    func count(_ url: String = FakeIssuer.keys) -> Int { state.withLock { $0.asked.count { $0 == url } } }

    var asked: [String] { state.withLock { $0.asked } }
    var keys: [RingKey] { state.withLock { $0.keys } }

    var news: [RemoteKeyRing.News] { state.withLock { $0.news } }

    func fetch(_ url: String) async throws -> IssuerDocument {
        let (answer, latch) = state.withLock { state in
            state.asked.append(url)
            let answer: Result<IssuerDocument, IssuerFailure> =
                state.failure.map(Result.failure) ?? .success(Self.document(url, state))
            return (answer, state.latch)
        }
        try await latch?.wait()
        return try answer.get()
    }

    private static func document(_ url: String, _ state: State) -> IssuerDocument {
        if let document = state.documents[url] { return document }
        switch url {
        case Self.description:
            return json(["issuer": .string(state.issuer), "jwks_uri": .string(Self.keys)], state.cacheControl)
        case Self.keys:
            var ring = KeyRing()
            ring.keys = state.keys
            return json(ring.jwks, state.cacheControl)
        default: return IssuerDocument(status: 404, body: [])
        }
    }

    static func json(_ value: JSONValue, _ cacheControl: String? = nil) -> IssuerDocument {
        IssuerDocument(status: 200, cacheControl: cacheControl, body: value.serialized)
    }

    func ring(_ location: RemoteKeyRing.Location? = nil) -> RemoteKeyRing {
        let discovery = IssuerDiscovery(issuer: Self.issuer, clock: clock, fetch: fetch)
        return RemoteKeyRing(
            location ?? .discovered(discovery), clock: clock, fetch: fetch, randomness: { 0.5 },
            observer: { news in self.change { $0.news.append(news) } })
    }

    func verifier(
        _ ring: RemoteKeyRing? = nil, algorithms: Set<SignatureAlgorithm>? = nil, cacheSize: Int = 4096
    ) -> TokenVerifier {
        TokenVerifier(
            issuers: [
                TrustedIssuer(
                    name: "idp", issuer: Self.issuer, audiences: ["mcp"], keys: .remote(ring ?? self.ring()),
                    algorithms: algorithms)
            ], clock: clock, cacheSize: cacheSize)
    }

    /// A token like no other, valid for a month.
    func token(_ key: RingKey? = nil, kid: String? = nil) throws -> String {
        let now = clock.now().seconds
        let (number, newest) = state.withLock { state in
            state.lastToken += 1
            return (state.lastToken, state.keys.last)
        }
        return try TokenMinter.sign(
            [
                "iss": .string(Self.issuer), "sub": "ada", "aud": "mcp", "jti": .integer(number),
                "exp": .integer(Int(now) + 30 * 86_400),
            ],
            with: try #require(key ?? newest), header: kid.map { ["kid": .string($0)] } ?? [:])
    }
}
