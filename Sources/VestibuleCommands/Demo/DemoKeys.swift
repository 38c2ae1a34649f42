internal import VestibuleAuth
internal import VestibuleProtocol

/// The incident's keys: HMAC secrets under one `kid`, made for this run, in a ring in a file.
struct DemoKeys: Sendable {
    static let kid = "frontend-enhanced"
    static let issuer = "web-frontend"
    static let audience = "mcp-server"
    static let yesterdaysLength = 55
    static let todaysLength = 33

    var file: KeyRingFile
    var clock: any WallClock
    private(set) var current: RingKey
    private var successors: ArraySlice<RingKey>

    /// A ring in which the first secret signs.
    ///
    /// - Parameter secrets: Those that will sign, one after another; both halves of the demonstration use the same.
    init(file: KeyRingFile, secrets: [RingKey], clock: any WallClock) throws {
        guard let first = secrets.first else { throw CommandFailure.couldNotRun("the demonstration has no secrets") }
        self.file = file
        self.clock = clock
        current = first
        successors = secrets.dropFirst()
        _ = try file.loadOrCreate { () throws(KeyError) in
            var ring = KeyRing()
            try ring.rotate(to: first, overlap: .zero, now: first.createdAt)
            return ring
        }
    }

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
        try file.update { (ring: inout KeyRing) throws(KeyError) in
            if forgetting { ring = KeyRing() }
            try ring.rotate(to: successor, overlap: .zero, now: now)
        }
        current = successor
    }

    /// A token as the front end makes it, with its secret of the moment.
    ///
    /// - Parameter age: How long ago it was made. Such front ends let their tokens live for 90 days.
    func token(age: Duration = .zero) throws -> String {
        let issuedAt = Int(exactly: (clock.now() - age).seconds.rounded(.down)) ?? 0
        let claims: JSONObject = [
            "iss": .string(Self.issuer), "aud": .string(Self.audience), "sub": "ada", "iat": .integer(issuedAt),
            "exp": .integer(issuedAt + 90 * 86_400), "permissions": .strings(Welcome.samplePermissions),
            "buckets": ["demo-bucket"],
        ]
        return try TokenMinter.sign(claims, with: current)
    }
}
