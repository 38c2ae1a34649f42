import Foundation
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleAuth

@Suite("An issuer's keys in a file")
struct PublishedKeyFileTests {
    private let folder: TemporaryDirectory
    private let idp = FakeIssuer()
    init() throws { folder = try TemporaryDirectory() }

    private var path: String { folder.path + "/keys.json" }

    private func write(_ text: String, mode: Int = 0o644) throws {
        // In place of the old one, as a tool does that means it.
        let new = path + ".new"
        try Data(text.utf8).write(to: URL(fileURLWithPath: new))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: new)
        _ = try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: new, toPath: path)
    }

    private func write(_ keys: RingKey...) throws { try write(KeyRing(keys).jwks.description) }

    private func reason(_ verifier: TokenVerifier, _ token: String) -> Reason? {
        if case .failure(let rejection) = verifier.verify(token) { rejection.reason } else { nil }
    }

    @Test("a change is noticed; a key that is in it no more is named as retired; a bad file leaves the last good one")
    func followed() throws {
        let (old, new) = (idp.key("key-1"), idp.key("key-2"))
        try write(old)
        let live = try LiveKeyRing(published: PublishedKeyFile(path: path), clock: idp.clock)
        let verifier = TokenVerifier(
            issuers: [TrustedIssuer(name: "idp", issuer: FakeIssuer.issuer, audiences: ["mcp"], keys: .live(live))],
            clock: idp.clock)
        let token = try idp.token(old)
        let early = try idp.token(new)
        #expect(reason(verifier, token) == nil && reason(verifier, early) == .keyUnknown)
        try write(old, new)
        #expect(reason(verifier, try idp.token(new)) == nil)
        try write(new)
        idp.clock.advance(by: .seconds(1))
        #expect(reason(verifier, token) == .keyRetired)
        try write("{\"keys\":[]}")
        idp.clock.advance(by: .seconds(1))
        #expect(reason(verifier, try idp.token(new)) == nil)
        #expect(live.problem?.message.contains("it is empty") == true)
        try write(old)
        idp.clock.advance(by: .seconds(1))
        #expect(reason(verifier, token) == nil && live.problem == nil)
    }

    @Test(
        "a file that cannot be relied on is refused",
        arguments: [
            ("{\"keys\":[]}", 0o644, "it is empty"), ("[", 0o644, "not acceptable JSON"),
            ("{\"keys\":[],\"keys\":[]}", 0o644, "not acceptable JSON"),
            ("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}", 0o644, "secret part"),
            ("{\"keys\":[]}", 0o664, "others than its owner can write it; run: chmod go-w"),
            ("{\"keys\":[]}", 0o646, "others than its owner can write it"),
        ])
    func refused(_ text: String, mode: Int, says: String) throws {
        try write(text, mode: mode)
        let error = #expect(throws: KeyError.self) { try PublishedKeyFile(path: path).load(now: idp.clock.now()) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
}
