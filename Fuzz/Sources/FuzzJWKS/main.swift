// Key sets: nothing private comes out of what is published, an import is reproduced by its own export, and no key that
// was read makes a made-up signature good.

import FuzzSupport
import VestibuleAuth
import VestibuleProtocol

let now = NumericDate(1_800_000_000)

struct StandingClock: WallClock {
    func now() -> NumericDate { NumericDate(1_800_000_000) }
    func sleep(for duration: Duration) async throws {}
}

fuzz { input in
    guard let choice = input.first, let value = try? JSONParser().parse(input.dropFirst()) else { return }
    let algorithms: Set<SignatureAlgorithm>? =
        choice & 1 == 0
        ? nil
        : Set(SignatureAlgorithm.allCases.enumerated().filter { choice >> ($0.offset % 8) & 1 == 1 }.map(\.element))
    do throws(KeyError) {
        check(try KeyRing(published: value, createdAt: now, algorithms: algorithms), isPublished: true)
    } catch {
        check(error)
    }
    do throws(KeyError) {
        check(try KeyRing(jwks: value, createdAt: now), isPublished: false)
    } catch {
        check(error)
    }
}

func check(_ error: KeyError) {
    demand(!error.message.isEmpty && !error.message.utf8.contains { $0 < 0x20 }, "not one line: \(error)")
}

func check(_ ring: KeyRing, isPublished: Bool) {
    demand(!ring.keys.isEmpty && ring.keys.count <= KeyRing.maximumKeys, "\(ring.keys.count) keys")
    demand(!isPublished || !ring.keys.contains { $0.canSign }, "a published key that can sign")
    let set = ring.jwks
    for jwk in set["keys"]?.array ?? [] {
        for name in ["k", "d", "p", "q", "dp", "dq", "qi", "oth"] {
            demand(jwk[name] == nil, "the export holds the private member \(name)")
        }
    }
    let publics = ring.keys.filter { !$0.algorithm.isSymmetric }
    demand(set["keys"]?.array?.count == publics.count, "the export holds other keys")
    let summary: (RingKey) -> String = { "\($0.kid) \($0.algorithm) \($0.fingerprint)" }
    // A set of one's own may name two keys alike; one that is published may not.
    let names = Set(publics.map { ByteKey("\($0.algorithm) \($0.kid)") })
    if !publics.isEmpty, names.count == publics.count {
        guard let again = try? KeyRing(published: set, createdAt: now) else { violated("the export is refused") }
        demand(again.keys.map(summary) == publics.map(summary), "the export is read as other keys")
    }

    let issuer = TrustedIssuer(name: "i", issuer: "i", audiences: ["a"], keys: .fixed(ring))
    let verifier = TokenVerifier(issuers: [issuer], clock: StandingClock(), cacheSize: 0)
    for key in ring.keys.prefix(4) {
        let header: JSONValue = ["alg": .string(key.algorithm.rawValue), "kid": .string(key.kid)]
        let claims: JSONValue = ["iss": "i", "aud": "a", "sub": "s", "exp": 1_800_000_100]
        let signed = [header, claims].map { Base64URL.encode($0.serialized) }.joined(separator: ".")
        for signature in [[], Array(repeating: UInt8(0), count: 64), Array(repeating: 0xFF, count: 256)] {
            if case .success = verifier.verify("\(signed).\(Base64URL.encode(signature))") {
                violated("\(key) makes a made-up signature good")
            }
        }
    }
}
