import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// The machine, with a source that gets a token only when the server asks.
@Suite("Token lifecycle, when the server asks")
struct ChallengeLifecycleTests {
    static let now = NumericDate(1_700_000_000)
    static let waits = MCPClientError(.signInRequired, "the server has not asked")

    static func asked(_ actions: [TokenLifecycle.Action]) -> TokenRequest? {
        for case .ask(let request, _) in actions { return request }
        return nil
    }

    @Test("a source that waits for the server leaves the machine idle, and everybody with that error")
    func waiting() {
        var machine = TokenLifecycle(configuration: TokenManagerConfiguration(), sourceCanRefresh: true)
        #expect(Self.asked(machine.handle(.wanted(by: 1), at: Self.now))?.challenge == nil)
        _ = machine.handle(.sourceFailed(Self.waits, 1), at: Self.now)
        #expect(machine.state == .idle)
    }

    @Test("what the server says goes with every question until there is a token")
    func challenge() throws {
        var machine = TokenLifecycle(configuration: TokenManagerConfiguration(), sourceCanRefresh: true)
        let challenge = BearerChallenge(scope: ["a"], resourceMetadata: "https://h.test/x")
        _ = machine.handle(.challenged(challenge), at: Self.now)
        #expect(Self.asked(machine.handle(.wanted(by: 1), at: Self.now))?.challenge == challenge)
        _ = machine.handle(.sourceFailed(MCPClientError(.signInFailed, "no"), 1), at: Self.now)
        #expect(Self.asked(machine.handle(.wanted(by: 2), at: Self.now))?.challenge == challenge)
        _ = machine.handle(.delivered(IssuedToken("opaque", expiresIn: .seconds(60)), 2), at: Self.now)
        #expect(machine.state == .ready)
        #expect(Self.asked(machine.handle(.renewalWanted(by: 3), at: Self.now))?.challenge == nil)
    }

    @Test("a server that asks while the source is being asked is heard: the source is asked once more")
    func race() {
        var machine = TokenLifecycle(configuration: TokenManagerConfiguration(), sourceCanRefresh: true)
        _ = machine.handle(.wanted(by: 1), at: Self.now)
        _ = machine.handle(.challenged(BearerChallenge()), at: Self.now)
        let again = machine.handle(.sourceFailed(Self.waits, 1), at: Self.now)
        #expect(Self.asked(again)?.challenge == BearerChallenge())
        // Once: a source that still waits then has nothing to wait for.
        #expect(Self.asked(machine.handle(.sourceFailed(Self.waits, 1), at: Self.now)) == nil)
    }
}
