internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The sign-ins that one browser has begun, the newest last: one for each of its tabs.
struct SignInAttempts: Sendable, Hashable {
    private(set) var list: [SignInAttempt] = []

    /// Of one browser; the oldest goes first.
    static let maximum = 8
    /// Bytes of JSON, so that the cookie stays well below the 4096 bytes that browsers keep.
    static let maximumSize = 2600

    /// Adds one, and drops what is expired or does not fit.
    mutating func add(_ attempt: SignInAttempt) {
        list.removeAll { $0.isExpired(at: attempt.begunAt) }
        list.append(attempt)
        while list.count > Self.maximum || list.count > 1 && json.serialized.count > Self.maximumSize {
            list.removeFirst()
        }
    }

    /// Takes out the one of that state.
    mutating func take(_ state: String) -> SignInAttempt? {
        guard let index = list.firstIndex(where: { $0.state.isSameSecret(as: state) }) else { return nil }
        return list.remove(at: index)
    }

    var isEmpty: Bool { list.isEmpty }

    var json: JSONValue {
        .array(
            list.map { attempt in
                [
                    .string(attempt.state), .string(attempt.nonce), .string(attempt.proofKey.verifier),
                    .string(attempt.returnTo.path), .integer(Int(exactly: attempt.begunAt.seconds.rounded()) ?? 0),
                ]
            })
    }

    init() {}

    init?(json: JSONValue) {
        guard let values = json.array else { return nil }
        for value in values {
            guard let parts = value.array, parts.count == 5, let state = parts[0].string, let nonce = parts[1].string,
                let verifier = parts[2].string, let path = parts[3].string, let returnTo = ReturnPath(path),
                let begun = parts[4].integer
            else { return nil }
            list.append(
                SignInAttempt(
                    state: state, nonce: nonce, proofKey: ProofKey(verifier: verifier), returnTo: returnTo,
                    begunAt: NumericDate(Double(begun))))
        }
    }
}

/// Keeps the attempts of a browser in its own cookie, sealed, so that no flood of begun sign-ins can drive out those of
/// others and nobody reads or alters what is in it. A restart makes a new key: who was just signing in starts again.
struct AttemptSeal: Sendable {
    private let key = SymmetricKey(size: .bits256)
    private static let purpose = Array("vestibule oidc sign-in".utf8)

    /// base64url; `nil` never, as far as anybody knows.
    func seal(_ attempts: SignInAttempts) -> String? {
        let box = try? AES.GCM.seal(attempts.json.serialized, using: key, authenticating: Self.purpose)
        return box?.combined.map { Base64URL.encode($0) }
    }

    /// None where the cookie is missing, of another server, or not as it was sealed.
    func open(_ cookie: String?) -> SignInAttempts {
        guard let cookie, cookie.utf8.count <= 4096, let bytes = Base64URL.decode(cookie),
            let box = try? AES.GCM.SealedBox(combined: bytes),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Self.purpose),
            let json = try? JSONParser().parse(plain)
        else { return SignInAttempts() }
        return SignInAttempts(json: json) ?? SignInAttempts()
    }
}

/// Which sign-ins have come back already: each may once, also where somebody kept a copy of the cookie.
struct UsedStates: Sendable {
    private var usedAt: [[UInt8]: NumericDate] = [:]

    /// At most this many are remembered, the newest; the provider refuses the second use of a code besides.
    static let maximum = 10_000

    var count: Int { usedAt.count }

    /// - Returns: Whether this is the first time.
    mutating func insert(_ state: String, now: NumericDate) -> Bool {
        let digest = Array(SHA256.hash(data: Array(state.utf8)))
        guard usedAt[digest] == nil else { return false }
        if usedAt.count >= Self.maximum {
            usedAt = usedAt.filter { (now - $0.value).magnitude <= SignInAttempt.lifetime.inSeconds }
        }
        if usedAt.count >= Self.maximum, let oldest = usedAt.min(by: { $0.value < $1.value }) {
            usedAt[oldest.key] = nil
        }
        usedAt[digest] = now
        return true
    }
}
