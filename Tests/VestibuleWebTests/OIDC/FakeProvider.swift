import HTTPTypes
import Synchronization
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// An identity provider behind a transport: it publishes a description and keys, and redeems one code.
final class FakeProvider: HTTPTransport {
    static let issuer = "https://idp.test/realm"
    static let clientID = "vestibule"

    struct State {
        var metadata: JSONObject = [
            "issuer": .string(FakeProvider.issuer),
            "authorization_endpoint": "https://idp.test/authorize?tenant=1",
            "token_endpoint": "https://idp.test/token", "jwks_uri": "https://idp.test/keys",
            "userinfo_endpoint": "https://idp.test/userinfo",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        ]
        var keys: [RingKey]
        /// What is answered instead of the usual, by the URL's path.
        var replies: [String: TransportResponse] = [:]
        var failures: [String: TransportError] = [:]
        var fields: [String: HTTPFields] = [:]
        var latch: Latch?
        var requests: [TransportRequest] = []
        /// Of the next ID token; `nil` takes a claim out.
        var changes: [(String, JSONValue?)] = []
        var header = JSONObject()
        /// Signs in place of the newest key.
        var signer: RingKey?
        var accessToken = "the-access-token"
        var userInfo: JSONObject = ["sub": "ada", "groups": ["told"], "department": "engines"]
        /// What the last authorization request asked for.
        var nonce = ""
    }

    let state: Mutex<State>
    private let clock: any WallClock

    init(clock: any WallClock) {
        self.clock = clock
        self.state = Mutex(State(keys: [RingKey.generate(.es256, kid: "key-1", createdAt: clock.now())]))
    }

    func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    /// Puts another key in the place of those that are published.
    func rotate(to kid: String) {
        let key = RingKey.generate(.es256, kid: kid, createdAt: clock.now())
        change { $0.keys = [key] }
    }

    var requests: [TransportRequest] { state.withLock { $0.requests } }

    /// How often a path was asked.
    func count(_ path: String) -> Int { requests.count { $0.url.hasSuffix(path) } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let path = String(request.url.dropFirst("https://idp.test".count))
        let (reply, failure, latch) = state.withLock { state in
            state.requests.append(request)
            return (state.replies[path], state.failures[path], state.latch)
        }
        try await latch?.wait()
        if let failure { throw failure }
        if let reply { return reply }
        let fields = state.withLock { $0.fields[path] } ?? HTTPFields()
        switch path {
        case "/realm/.well-known/openid-configuration":
            return json(.object(state.withLock { $0.metadata }), fields)
        case "/keys":
            let ring = try KeyRing(state.withLock { $0.keys })
            return json(ring.jwks, fields)
        case "/token":
            return json(
                [
                    "token_type": "Bearer", "access_token": .string(state.withLock { $0.accessToken }),
                    "id_token": .string(try idToken()),
                ], fields)
        case "/userinfo":
            let isBearer = request.fields[.authorization] == "Bearer \(state.withLock { $0.accessToken })"
            return isBearer ? json(.object(state.withLock { $0.userInfo }), fields) : TransportResponse(status: 401)
        default: return TransportResponse(status: 404)
        }
    }

    private func idToken() throws -> String {
        let state = state.withLock { $0 }
        let now = Int(clock.now().seconds)
        var claims: JSONObject = [
            "iss": .string(Self.issuer), "sub": "ada", "aud": .string(Self.clientID), "iat": .integer(now),
            "exp": .integer(now + 300), "nonce": .string(state.nonce), "name": "Ada Lovelace",
            "groups": ["analysts", "operators"],
        ]
        for (name, value) in state.changes { claims[name] = value }
        var header: JSONObject = ["typ": "JWT"]
        for member in state.header.members { header[member.name] = member.value }
        guard let key = state.signer ?? state.keys.last else { throw TransportError(.unknown, "no key") }
        return try TokenMinter.sign(claims, with: key, header: header)
    }

    private func json(_ value: JSONValue, _ fields: HTTPFields) -> TransportResponse {
        TransportResponse(status: 200, fields: fields, bytes: value.serialized)
    }
}
