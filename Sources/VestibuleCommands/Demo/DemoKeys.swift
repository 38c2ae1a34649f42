internal import VestibuleAuth
internal import VestibuleProtocol

/// The incident's keys: HMAC secrets under one `kid`, made for this run.
struct DemoKeys: Sendable {
    /// Changes the ring that the server goes by, wherever that is.
    typealias Update = @Sendable ((inout KeyRing) throws(KeyError) -> Void) throws(KeyError) -> Void

    static let kid = "frontend-enhanced"
    static let issuer = "web-frontend"
    static let audience = "mcp-server"
    static let yesterdaysLength = 55
    static let todaysLength = 33
    /// How long the front end's tokens live. Such front ends let them live long.
    static let lifetime = Duration.seconds(90 * 86_400)

    var clock: any WallClock
    private(set) var current: RingKey
    /// The fingerprints of the secrets that have signed so far, in their order.
    private(set) var fingerprints: [String]
    private var successors: ArraySlice<RingKey>
    private let update: Update

    /// - Parameters:
    ///   - secrets: Those that will sign, one after another; both halves of the demonstration use the same.
    ///   - update: Changes the ring, in which the first of them signs.
    init(secrets: [RingKey], clock: any WallClock, update: @escaping Update) throws {
        guard let first = secrets.first else { throw CommandFailure.couldNotRun("the demonstration has no secrets") }
        self.clock = clock
        self.update = update
        current = first
        fingerprints = [first.fingerprint]
        successors = secrets.dropFirst()
    }

    /// A ring in which the first secret signs.
    static func ring(of secrets: [RingKey]) throws(KeyError) -> KeyRing {
        var ring = KeyRing()
        if let first = secrets.first { try ring.rotate(to: first, overlap: .zero, now: first.createdAt) }
        return ring
    }

    /// Whether there is another secret to rotate to.
    var canRotate: Bool { !successors.isEmpty }

    /// Yesterday's secret, today's, and the one of the rotation in mid-session.
    static func secrets(clock: any WallClock) throws -> [RingKey] {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789".utf8)
        var random = SystemRandomNumberGenerator()
        return try [yesterdaysLength, todaysLength, todaysLength]
            .map { length in
                let secret = (0..<length).map { _ in letters[Int.random(in: letters.indices, using: &random)] }
                return try RingKey(hmacSecret: secret, kid: kid, state: .next, createdAt: clock.now())
            }
    }

    /// Puts another secret in place of the one that signs, under the same `kid`, without overlap.
    ///
    /// - Parameter forgetting: Whether the old one is dropped in place of being kept as retired.
    mutating func rotate(forgetting: Bool) throws {
        guard let successor = successors.popFirst() else {
            throw CommandFailure.couldNotRun("the demonstration has no further secret to rotate to")
        }
        let now = clock.now()
        try update { (ring: inout KeyRing) throws(KeyError) in
            if forgetting { ring = KeyRing() }
            try ring.rotate(to: successor, overlap: .zero, now: now)
        }
        current = successor
        fingerprints.append(successor.fingerprint)
    }

    /// A token as the front end makes it, with its secret of the moment.
    ///
    /// - Parameter age: How long ago it was made.
    func token(age: Duration = .zero) throws -> String {
        let issuedAt = Int(exactly: (clock.now() - age).seconds.rounded(.down)) ?? 0
        let claims: JSONObject = [
            "iss": .string(Self.issuer), "aud": .string(Self.audience), "sub": "ada", "iat": .integer(issuedAt),
            "exp": .integer(issuedAt + Int(Self.lifetime.components.seconds)),
            "permissions": .strings(Welcome.samplePermissions),
            "buckets": ["demo-bucket"],
        ]
        return try TokenMinter.sign(claims, with: current)
    }
}
