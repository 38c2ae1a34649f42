import HTTPTypes
import Synchronization
import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting
import VestibuleWeb

@testable import VestibuleCommands

@Suite("Asking an issuer about a token over HTTP")
struct IntrospectionClientTests {
    /// Keeps what was sent, and answers as it is told.
    private final class Line: HTTPTransport {
        private let sent = Mutex<[TransportRequest]>([])
        private let answer: @Sendable () throws -> TransportResponse

        init(_ answer: @escaping @Sendable () throws -> TransportResponse) { self.answer = answer }

        var requests: [TransportRequest] { sent.withLock { $0 } }

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            sent.withLock { $0.append(request) }
            return try answer()
        }
    }

    private func client(
        _ line: Line, _ authentication: ClientAuthentication = .basic, clock: any WallClock = SystemClock()
    ) -> IntrospectionClient {
        IntrospectionClient(
            endpoint: { "https://idp.example/introspect?x=1" }, clientID: "mcp:1", secret: ClientSecret("s&c r+t"),
            authentication: authentication, transport: line, clock: clock)
    }

    private static let good = TransportResponse(status: 200, bytes: Array(#"{"active":false}"#.utf8))

    @Test("the question is a form, with the client's secret in the header, encoded as in a form")
    func basic() async throws {
        let line = Line { Self.good }
        let reply = try await client(line).ask("t+/=&")
        #expect(reply.status == 200 && String(decoding: reply.body, as: UTF8.self) == #"{"active":false}"#)
        let request = try #require(line.requests.first)
        #expect(request.method == .post && request.url == "https://idp.example/introspect?x=1")
        #expect(String(decoding: request.body, as: UTF8.self) == "token=t%2B%2F%3D%26&token_type_hint=access_token")
        // mcp%3A1:s%26c+r%2Bt
        #expect(request.fields[.authorization] == "Basic bWNwJTNBMTpzJTI2YytyJTJCdA==")
        #expect(request.fields[.contentType] == "application/x-www-form-urlencoded")
        #expect(request.fields[.accept] == "application/json" && request.timeout == .seconds(5))
        #expect(line.requests.count == 1)
    }

    @Test("or in the form itself")
    func post() async throws {
        let line = Line { Self.good }
        _ = try await client(line, .post).ask("t")
        let request = try #require(line.requests.first)
        #expect(request.fields[.authorization] == nil)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "token=t&token_type_hint=access_token&client_id=mcp%3A1&client_secret=s%26c+r%2Bt")
    }

    @Test(
        "no answer, or one that is too long, is the issuer's failure; the line has neither token nor secret nor query")
    func failures() async throws {
        let tooLong = TransportResponse(status: 200, bytes: Array(repeating: 0x20, count: 65_537))
        for (line, says) in [
            (Line { throw TransportError(.unknown, "no answer within 5 s", isTimeout: true) }, "no answer within 5 s"),
            (Line { tooLong }, "more than 65536 bytes"),
        ] {
            do {
                _ = try await client(line).ask("the-token")
                Issue.record("there was no failure")
            } catch let failure as IssuerFailure {
                #expect(failure.message.contains("the introspection endpoint https://idp.example/introspect"))
                #expect(failure.message.contains(says))
                for secret in ["the-token", "s&c", "x=1"] { #expect(!failure.message.contains(secret)) }
            }
        }
        let fits = Line { TransportResponse(status: 200, bytes: Array(repeating: 0x20, count: 65_536)) }
        #expect(try await client(fits).ask("t").body.count == 65_536)
    }

    @Test(
        "answers that do not end are failures after five seconds, and make room for other questions",
        .timeLimit(.minutes(1)))
    func endless() async throws {
        let clock = FakeClock()
        let isBack = Mutex(false)
        let news = Mutex<[TokenIntrospection.News]>([])
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let line = Line {
            if isBack.withLock({ $0 }) { return Self.good }
            let never = FakeClock()
            let pieces = AsyncThrowingStream<[UInt8], any Error> {
                try await never.sleep(for: .seconds(1))
                return nil
            }
            arrival.yield()
            return TransportResponse(status: 200, body: TransportBody(pulling: pieces) { $0 })
        }
        let introspection = TokenIntrospection(
            place: "there", clock: clock, observer: { item in news.withLock { $0.append(item) } },
            ask: client(line, clock: clock).ask)
        let issuer = TrustedIssuer(
            name: "idp", issuer: "https://idp.example", audiences: ["m"], keys: .fixed(KeyRing()),
            introspection: introspection)
        let verifier = TokenVerifier(issuers: [issuer], clock: clock)
        @Sendable func reason(_ token: String) async -> Reason? {
            if case .failure(let rejection) = await verifier.authenticate(token) { rejection.reason } else { nil }
        }
        await withTaskGroup(of: Reason?.self) { group in
            for index in 0..<32 { group.addTask { await reason("held-\(index)") } }
            var iterator = arrivals.makeAsyncIterator()
            for _ in 0..<32 { await iterator.next() }
            clock.advance(by: .seconds(5))
            for await reason in group { #expect(reason == .issuerUnavailable) }
        }
        guard case .failed(let message)? = news.withLock({ $0.first }) else {
            Issue.record("the operator was told nothing")
            return
        }
        #expect(message.contains("https://idp.example/introspect: no answer within 5 s"), "\(message)")
        // The pause that failures make.
        clock.advance(by: .seconds(1))
        isBack.withLock { $0 = true }
        #expect(await reason("next") == .tokenExpired, "the issuer was asked")
    }

    @Test("config check looks at the secret's file; `token verify` says what is wrong with the issuer")
    func commands() async throws {
        let folder = try TestFolder()
        try folder.write(String(repeating: "k", count: 20) + "-0123456789abcdefghij", to: "hmac.txt")
        let configuration = try folder.write(
            """
            data: data
            issuers:
              - issuer: https://idp.example
                audience: m
                secrets: [{ kid: a, file: hmac.txt }]
                introspection: { endpoint: "http://127.0.0.1:1/introspect", clientID: c, clientSecretFile: client.txt }
            """, to: "v.yaml")
        let missing = await vestibule("config", "check", configuration)
        #expect(missing.status != .success)
        #expect(missing.talk.contains("v.yaml:6:") && missing.talk.contains("introspection.clientSecretFile: "))
        #expect(missing.talk.contains("put the client's secret there"), "\(missing.talk)")
        try folder.write("secret\n", to: "client.txt")
        #expect(await vestibule("config", "check", configuration).status == .success)
        let verdict = await vestibule("token", "verify", "opaque-token", "--config", configuration)
        #expect(verdict.status == .refused && verdict.talk.contains("issuer_unavailable"), "\(verdict.talk)")
        #expect(verdict.talk.contains("introspection failed: the introspection endpoint http://127.0.0.1:1/introspect"))
        #expect(!verdict.talk.contains("opaque-token"))
    }
}
