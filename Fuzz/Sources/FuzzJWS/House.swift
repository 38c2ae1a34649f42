import Crypto
import Foundation
import FuzzSupport
import Synchronization
import VestibuleAuth
import VestibuleProtocol

final class HandClock: WallClock {
    static let start = NumericDate(1_800_000_000)
    private let time = Mutex(start)

    func now() -> NumericDate { time.withLock { $0 } }
    func set(_ date: NumericDate) { time.withLock { $0 = date } }
    func sleep(for duration: Duration) async throws {}
}

/// A verifier with a key of every kind, none of which the fuzzer knows; one secret with which the harness itself signs.
struct House: Sendable {
    static let issuer = "https://issuer.test"
    static let audience = "https://mcp.test/mcp"

    let clock = HandClock()
    let secret = SymmetricKey(size: .bits256)
    let verifier: TokenVerifier
    let ring: KeyRing

    init() {
        let now = HandClock.start
        let bytes = secret.withUnsafeBytes { Array($0) }
        var keys: [RingKey] = []
        do {
            keys.append(try RingKey(hmacSecret: bytes, kid: "signed", state: .active, createdAt: now))
            for algorithm in SigningAlgorithm.allCases {
                keys.append(.generate(algorithm, kid: algorithm.rawValue, createdAt: now))
            }
            ring = try KeyRing(keys)
        } catch {
            fatalError("\(error)")
        }
        let issuer = TrustedIssuer(
            name: "own", issuer: Self.issuer, audiences: [Self.audience, "mcp"], keys: .fixed(ring))
        let loose = TrustedIssuer(
            name: "loose", issuer: "loose", audiences: ["mcp"], keys: .fixed(ring), maximumTokenAge: .seconds(300),
            acceptsMissingKeyID: true)
        verifier = TokenVerifier(issuers: [issuer, loose], clock: clock, cacheSize: 64)
    }

    /// A text that nobody signed.
    func checkForgery(_ text: String) {
        clock.set(HandClock.start)
        let verdict = verifier.verify(text)
        if case .success = verdict { violated("a token was accepted that nobody signed") }
        demand(verifier.verify(text).reason == verdict.reason, "the second verdict is another")
        checkExplanation(text)
        guard let token = try? CompactToken(text) else { return }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        demand(Base64URL.encode(token.signature).utf8.elementsEqual(parts[2]), "two encodings of one signature")
        demand(token.signedLength == parts[0].count + 1 + parts[1].count, "the signature covers something else")
    }

    /// The harness signs header and payload, so what comes out depends on what they say alone.
    func checkSigned(_ input: ArraySlice<UInt8>) {
        clock.set(HandClock.start)
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return }
        let signed = parts.map { Base64URL.encode($0) }.joined(separator: ".")
        let signature = Array(HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: secret))
        let text = "\(signed).\(Base64URL.encode(signature))"
        let verdict = verifier.verify(text)
        let again = verifier.verify(text)
        demand(verdict == again, "the cache changed a verdict: \(verdict) then \(again)")
        checkExplanation(text)
        guard case .success(let principal) = verdict else { return }
        Oracle(header: Array(parts[0]), payload: Array(parts[1])).check(principal, now: HandClock.start)

        var forged = signature
        forged[0] ^= 1
        if case .success = verifier.verify("\(signed).\(Base64URL.encode(forged))") {
            violated("accepted with another signature")
        }
        clock.set(NumericDate(principal.expiration.seconds + 5))
        demand(verifier.verify(text).reason == .tokenExpired, "remembered beyond its exp")
    }

    /// Fields as they come in a request, divided by line ends.
    func checkHeader(_ input: ArraySlice<UInt8>) {
        clock.set(HandClock.start)
        let fields = input.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let verifier = verifier
        switch waiting(for: { await verifier.credential(authorization: fields) }) {
        case .absent: demand(fields.isEmpty, "a header that counts as none")
        case .verified: violated("a header was accepted that holds no token of ours")
        case .rejected(let rejection): demand(!rejection.detail.contains("\n"), "more than one line: \(rejection)")
        }
    }

    private func checkExplanation(_ text: String) {
        let explanation = TokenExplanation(text, rings: [ring], now: HandClock.start)
        let shown = explanation.lines + explanation.warnings
        demand(shown.allSatisfy { line in !line.utf8.contains { $0 < 0x20 || $0 == 0x7F } }, "a line is not a line")
        guard let token = try? CompactToken(text), token.signature.count >= 16 else { return }
        // What the payload repeats of the signature is shown as the payload's.
        let encoded = Base64URL.encode(token.signature)
        guard !"\(JSONValue.object(token.header))\(JSONValue.object(token.claims))".contains(encoded) else { return }
        demand(!shown.contains { $0.contains(encoded) }, "an explanation shows the signature")
        demand(!"\(JSONValue.object(explanation.json))".contains(encoded), "an explanation's JSON shows the signature")
    }
}

extension Result<Principal, Rejection> {
    var reason: Reason? { if case .failure(let rejection) = self { rejection.reason } else { nil } }
}
