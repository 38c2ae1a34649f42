import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("What is recorded of the client, and what an operator sees of the sessions")
struct RecordTests {
    @Test("the record names the client by its User-Agent and by the name that it gave at initialize")
    func client() async throws {
        let entrance = try Entrance()
        let token = try entrance.token()
        let session = try await entrance.open(client: "front end")
        _ = await entrance.post(
            Entrance.list, token: token, session: session, headers: [("User-Agent", "Mozilla/5.0")])
        let record = try #require(entrance.records.last)
        #expect(record.clientName == "front end" && record.userAgent == "Mozilla/5.0")
        #expect(record.issuer == Entrance.origin)
        _ = await entrance.post(Entrance.ping)
        #expect(entrance.records.last?.clientName == nil && entrance.records.last?.userAgent == nil)
        #expect(entrance.records.last?.issuer == nil)
    }

    @Test("an initialize that is refused is recorded with the name that it gave, and with an issuer that is known")
    func refusedHandshake() async throws {
        let entrance = try Entrance()
        let token = try entrance.token()
        entrance.clock.advance(by: .seconds(3600))
        let reply = await entrance.post(Entrance.initialize(client: "stale"), token: token)
        #expect(reply.reason == "token_expired")
        let record = try #require(entrance.records.last)
        #expect(record.clientName == "stale" && record.keyID == "k1" && record.issuer == Entrance.origin)
        let stranger = Base64URL.encode(Array(#"{"alg":"HS256","kid":"x"}"#.utf8))
        let claims = Base64URL.encode(Array(#"{"iss":"https://elsewhere.example"}"#.utf8))
        _ = await entrance.post(Entrance.initialize(), token: "\(stranger).\(claims).AAAA")
        #expect(entrance.records.last?.reason == .issuerUnknown && entrance.records.last?.issuer == nil)
    }

    @Test(
        "words that name a client are one line of at most 128 bytes",
        arguments: [
            ("curl/8", "curl/8"), (String(repeating: "x", count: 500), String(repeating: "x", count: 128)),
            (String(repeating: "é", count: 100), String(repeating: "é", count: 64)),
            ("a\\u0009b\\u0000c\\u202e", "a b c "),
        ])
    func cut(given: String, expected: String) async throws {
        let entrance = try Entrance()
        _ = try await entrance.open(client: given)
        #expect(entrance.records.last?.clientName == expected)
    }

    @Test("the sessions are listed newest first, whether bound or not, with their counts and never their ids")
    func overview() async throws {
        let entrance = try Entrance()
        let token = try entrance.token("ada")
        let start = entrance.clock.now()
        var ids: [String] = []
        for name in ["a", "b", "c", "d"] {
            entrance.clock.advance(by: .seconds(10))
            ids.append(try await entrance.open(token: name < "c" ? token : nil, client: name))
        }
        entrance.clock.advance(by: .seconds(10))
        _ = await entrance.post(Entrance.ping, session: ids[0])
        let overview = entrance.endpoint.sessionOverview(limit: 3)
        #expect(overview.total == 4 && overview.bound == 2)
        #expect(overview.newest.map(\.client) == ["a", "d", "c"])
        let first = try #require(overview.newest.first)
        #expect(first.owner == Principal.Identity(issuer: Entrance.origin, subject: "ada"))
        #expect(first.createdAt == start + .seconds(10) && first.lastSeen == start + .seconds(50))
        #expect(first.requests == 2 && overview.newest[1].owner == nil && overview.newest[1].requests == 1)
        #expect(first.fingerprint == entrance.records.last?.sessionFingerprint)
        #expect(!ids.contains { id in overview.newest.contains { "\($0)".contains(id) } })
        #expect(entrance.endpoint.sessionOverview(limit: -1).newest.isEmpty)
    }

    @Test("binding and ending keep the count of bound sessions; what is idle for too long is not listed")
    func counts() async throws {
        let entrance = try Entrance { $0.session.idle = .seconds(100) }
        let token = try entrance.token(ttl: .seconds(3600))
        let session = try await entrance.open()
        #expect(entrance.endpoint.sessionOverview(limit: 10).bound == 0)
        _ = await entrance.post(Entrance.list, token: token, session: session)
        #expect(entrance.endpoint.sessionOverview(limit: 10).bound == 1)
        let other = try await entrance.open(token: token)
        _ = await entrance.send(
            .delete, headers: [("Mcp-Session-Id", other), ("Authorization", "Bearer \(token)")])
        #expect(entrance.endpoint.sessionOverview(limit: 10).bound == 1)
        entrance.clock.advance(by: .seconds(101))
        #expect(entrance.endpoint.sessionOverview(limit: 10) == SessionOverview(total: 0, bound: 0, newest: []))
    }
}
