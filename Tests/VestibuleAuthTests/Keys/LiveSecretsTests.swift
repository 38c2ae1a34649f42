import Synchronization
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A live key ring follows files of shared secrets")
struct LiveSecretsTests {
    private let directory: TemporaryDirectory
    private let fixture = Fixture()
    private let old = Fixture.randomSecret(55)
    private let new = Fixture.randomSecret(33)
    private let news = NewsLog()

    init() throws {
        directory = try TemporaryDirectory()
        _ = try directory.write(old, to: "secret")
    }

    private func live(_ more: [SharedSecretFile] = []) throws -> LiveKeyRing {
        let file = SharedSecretFile(kid: "frontend-enhanced", path: directory.file("secret"), state: .active)
        return try LiveKeyRing(secrets: [file] + more, clock: fixture.clock) { [news] in news.add($0) }
    }

    private func verifier(_ live: LiveKeyRing) -> TokenVerifier {
        TokenVerifier(
            issuers: [
                TrustedIssuer(name: "web", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .live(live))
            ], clock: fixture.clock)
    }

    private func token(_ secret: [UInt8]) throws -> String {
        try fixture.token(key: fixture.key(hmac: secret, kid: "frontend-enhanced"))
    }

    private func reason(_ result: Result<Principal, Rejection>) -> Reason? {
        if case .failure(let rejection) = result { rejection.reason } else { nil }
    }

    @Test("a token of the new secret is accepted at once, and one of the old is told that its key retired")
    func rotation() throws {
        let live = try live()
        let verifier = verifier(live)
        #expect(reason(verifier.verify(try token(old))) == nil)
        #expect(reason(verifier.verify(try token(new))) == .signatureInvalid)
        _ = try directory.write(new, to: "secret")
        #expect(reason(verifier.verify(try token(new))) == nil)
        let refused = verifier.verify(try token(old))
        #expect(reason(refused) == .keyRetired)
        #expect(live.current().keys(kid: "frontend-enhanced").map(\.state.isRetired) == [false, true])
        #expect(news.lines == ["changed"])
    }

    @Test("a token that is in the cache is refused as soon as 100 ms have passed")
    func cached() throws {
        let verifier = verifier(try live())
        #expect(reason(verifier.verify(try token(old))) == nil)
        _ = try directory.write(new, to: "secret")
        fixture.clock.advance(0.1)
        #expect(reason(verifier.verify(try token(old))) == .keyRetired)
    }

    @Test("a secret that comes back is active again and no longer a retired one")
    func comeback() throws {
        let live = try live()
        for secret in [new, old] {
            _ = try directory.write(secret, to: "secret")
            _ = live.refreshed()
        }
        #expect(reason(verifier(live).verify(try token(old))) == nil)
        #expect(reason(verifier(live).verify(try token(new))) == .keyRetired)
        #expect(live.current().keys.count == 2)
    }

    @Test("a file that has gone bad or away is told once; the secret from before stays until the file is good again")
    func bad() throws {
        let live = try live()
        let verifier = verifier(live)
        _ = try directory.write(Array("short".utf8), to: "secret")
        for _ in 0..<3 { #expect(live.refreshed().active?.kid == "frontend-enhanced") }
        #expect(live.problem?.code == .shortSecret)
        #expect(reason(verifier.verify(try token(old))) == nil)
        _ = try directory.write(new, to: "secret", mode: 0o644)
        for _ in 0..<3 { _ = live.refreshed() }
        #expect(live.problem?.code == .insecurePermissions)
        #expect(reason(verifier.verify(try token(old))) == nil)
        _ = try directory.write(new, to: "secret")
        _ = live.refreshed()
        #expect(live.problem == nil)
        #expect(reason(verifier.verify(try token(new))) == nil)
        #expect(news.lines == ["shortSecret", "insecurePermissions", "changed"])
    }

    @Test("white space around a new secret is warned of, and a file that was only touched changes nothing")
    func warned() throws {
        let live = try live()
        _ = try directory.write(old, to: "secret")
        let generation = live.generation
        _ = live.refreshed()
        #expect(live.generation == generation)
        _ = try directory.write(new + [0x0A], to: "secret")
        _ = live.refreshed()
        #expect(news.lines == ["changed", "warning"])
    }

    @Test("a secret may move from its file to that of the key that verifies on, one file after the other")
    func moved() throws {
        _ = try directory.write(Fixture.randomSecret(40), to: "former")
        let former = SharedSecretFile(
            kid: "frontend-enhanced", path: directory.file("former"),
            state: .verifying(until: NumericDate(Fixture.now.seconds + 600)))
        let live = try live([former])
        _ = try directory.write(old, to: "former")
        _ = live.refreshed()
        #expect(live.problem?.code == .duplicate)
        #expect(reason(verifier(live).verify(try token(old))) == nil)
        _ = try directory.write(new, to: "secret")
        _ = live.refreshed()
        #expect(live.problem == nil)
        #expect(reason(verifier(live).verify(try token(old))) == nil)
        #expect(reason(verifier(live).verify(try token(new))) == nil)
    }

    @Test("only so many secrets are remembered, the latest")
    func bound() throws {
        let live = try live()
        for _ in 0..<(KeyRing.maximumRetiredKeys + 5) {
            _ = try directory.write(Fixture.randomSecret(40), to: "secret")
            _ = live.refreshed()
        }
        #expect(live.current().keys.count == KeyRing.maximumRetiredKeys + 1)
        #expect(reason(verifier(live).verify(try token(old))) == .signatureInvalid)
    }
}

/// What the observer was told, in one word each.
private final class NewsLog: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }

    func add(_ news: LiveKeyRing.News) {
        let word: String =
            switch news {
            case .changed: "changed"
            case .warning: "warning"
            case .problem(let error): error.code == .shortSecret ? "shortSecret" : "insecurePermissions"
            }
        all.withLock { $0.append(word) }
    }
}
