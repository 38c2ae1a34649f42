internal import HTTPTypes
public import VestibuleAuth
public import VestibuleProtocol
public import VestibuleServer

/// `GET /.well-known/jwks.json`: the public keys of a ring as a JSON Web Key Set (RFC 7517 §5), for whoever else verifies
/// its tokens. Anybody may read it, from any page; secrets and retired keys are not in it.
///
/// `Cache-Control` says for how long a reader may go by it. A rotation keeps its new key waiting for that long before it
/// signs (``KeyRing/rotate(to:overlap:publishedFor:now:)``), so that no reader meets a token of a key that it cannot know.
public struct KeySetSite: HTTPSite {
    public static let path = "/.well-known/jwks.json"

    private let ring: LiveKeyRing
    private let lifetime: Duration
    private let clock: any WallClock

    /// - Parameter lifetime: For how long a reader may go by the set, to the second; what rotations wait for.
    public init(ring: LiveKeyRing, lifetime: Duration = KeyRing.defaultLifetime, clock: any WallClock = SystemClock()) {
        self.ring = ring
        self.lifetime = lifetime
        self.clock = clock
    }

    public func respond(to request: EndpointRequest) async -> EndpointResponse? {
        guard let target = request.head.path, EndpointPaths.path(of: target).hasSameBytes(as: Self.path) else {
            return nil
        }
        guard request.head.method == .get || request.head.method == .head else { return .methodNotAllowed("GET, HEAD") }
        var current = ring.current()
        current.settle(now: clock.now())
        var head = HTTPResponse(status: .ok)
        head.headerFields[.contentType] = "application/jwk-set+json"
        head.headerFields[.cacheControl] = "public, max-age=\(max(0, lifetime.components.seconds))"
        head.headerFields[.accessControlAllowOrigin] = "*"
        return EndpointResponse(head: head, body: .bytes(current.jwks.serialized))
    }
}
