import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleClient

/// The answer of a sign-in, over real sockets of this machine.
@Suite("Loopback redirect")
struct LoopbackTests {
    static let page = "https://auth.test/authorize?client_id=c&state=expected"

    /// A session that has shown its page, and what it will receive.
    static func begin(
        timeout: Duration = .seconds(300), clock: any WallClock = SystemClock(), preferring: [String] = []
    ) async throws -> (session: any AuthorizationSession, answer: Task<String, any Error>, shown: Latch) {
        let shown = Latch()
        let ui = LoopbackAuthorizationUI(timeout: timeout, clock: clock) { _ in shown.open() }
        let session = try await ui.begin(preferring: preferring)
        let answer = Task { try await session.authorize(page) }
        try await shown.wait()
        return (session, answer, shown)
    }

    static func get(_ url: String, _ fields: HTTPFields = HTTPFields()) async throws -> (status: Int, body: String) {
        let reply = try await AsyncHTTPClientTransport.shared.send(
            TransportRequest(method: .get, url: url, fields: fields))
        return (reply.status, String(decoding: try await reply.bytes(upTo: 64 * 1024), as: UTF8.self))
    }

    /// requirement: F-62, F-69
    @Test("the answer is taken once; what belongs to another sign-in is turned away, and the wait goes on")
    func receives() async throws {
        let (session, answer, _) = try await Self.begin()
        let uri = session.redirectURI
        #expect(uri.hasPrefix("http://127.0.0.1:") && uri.hasSuffix("/callback"))
        let origin = String(uri.dropLast("/callback".count))
        #expect(try await Self.get(origin + "/favicon.ico").status == 404)
        #expect(try await Self.get(uri + "?code=c").status == 400)
        #expect(try await Self.get(uri + "?code=c&state=other").status == 400)
        let reply = try await Self.get(uri + "?code=c&state=expected&iss=i")
        #expect(reply.status == 200 && reply.body.contains("You can close this page"))
        #expect(!reply.body.contains("expected"))
        #expect(try await answer.value == uri + "?code=c&state=expected&iss=i")
        #expect(try await Self.get(uri + "?code=d&state=expected").status == 400)
        await session.end()
        await #expect(throws: TransportError.self) { try await Self.get(uri) }
    }

    @Test("a page that reaches the port under another name is not listened to")
    func otherHost() async throws {
        let (session, answer, _) = try await Self.begin()
        var fields = HTTPFields()
        fields[try #require(HTTPField.Name("Host"))] = "evil.test"
        #expect(try await Self.get(session.redirectURI + "?code=c&state=expected", fields).status == 404)
        answer.cancel()
        await session.end()
        await #expect(throws: (any Error).self) { try await answer.value }
    }

    @Test("a person who does not come is waited for no longer than configured")
    func timeout() async throws {
        let clock = FakeClock()
        let (session, answer, _) = try await Self.begin(timeout: .seconds(60), clock: clock)
        await clock.untilSomebodySleeps(for: .seconds(60))
        clock.advance(by: .seconds(60))
        let error = try await failure { try await answer.value }
        #expect(error.code == .signInFailed && error.message.contains("within 60 s"))
        await session.end()
    }

    @Test("after 50 requests that are not the answer, the sign-in ends")
    func strangers() async throws {
        let (session, answer, _) = try await Self.begin()
        for _ in 0..<LoopbackReceiver.maximumStrangers { _ = try await Self.get(session.redirectURI + "?state=x") }
        let error = try await failure { try await answer.value }
        #expect(error.message.contains("keeps asking"))
        await session.end()
    }

    @Test("a port that is registered already is used again; where somebody has it, another")
    func port() async throws {
        let (first, answer, _) = try await Self.begin()
        let uri = first.redirectURI
        let (second, other, _) = try await Self.begin(preferring: [uri])
        #expect(second.redirectURI != uri)
        answer.cancel()
        other.cancel()
        await first.end()
        await second.end()
        let (third, last, _) = try await Self.begin(preferring: ["https://x.test/cb", uri])
        #expect(third.redirectURI == uri)
        last.cancel()
        await third.end()
    }

    @Test(
        "the answer is judged without any socket",
        arguments: [
            ("GET", "/callback?state=s", "127.0.0.1:1", "answer"),
            ("GET", "/callback?state=s", "localhost:1", "answer"),
            ("POST", "/callback?state=s", "127.0.0.1:1", "notFound"), ("GET", "/", "127.0.0.1:1", "notFound"),
            ("GET", "/callback?state=s&state=s", "127.0.0.1:1", "unexpected"),
            ("GET", "/callback?state=t", "127.0.0.1:1", "unexpected"),
            ("GET", "/callback?state=s", "evil.test", "notFound"),
            ("GET", "/callback?state=s", "127.0.0.1.evil.test:1", "notFound"),
            ("GET", "/callback?state=s", "localhost.evil.test", "notFound"),
            ("GET", "/callback?state=s", "localhost:1.evil.test", "notFound"),
            ("GET", "/callback?state=s&x=" + String(repeating: "a", count: 9000), "127.0.0.1:1", "notFound"),
        ])
    func verdicts(_ method: String, _ target: String, _ host: String, _ expected: String) {
        let receiver = LoopbackReceiver()
        receiver.expect(state: "s")
        let verdict = receiver.receive(method: method, target: target, hosts: [host])
        #expect("\(verdict)" == expected)
    }

    @Test("at most 16 connections are served at a time")
    func connections() {
        let receiver = LoopbackReceiver()
        for _ in 0..<LoopbackReceiver.maximumConnections { #expect(receiver.enter()) }
        #expect(!receiver.enter())
        receiver.leave()
        #expect(receiver.enter())
    }
}
