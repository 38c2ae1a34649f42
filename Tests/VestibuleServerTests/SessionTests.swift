import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Sessions")
struct SessionTests {
    /// requirement: B-50, B-51, B-52, B-53
    @Test("a session id is 128 random bits in base64url, and never the same")
    func sessionID() async throws {
        let entrance = try Entrance()
        let ids = try await [entrance.open(), entrance.open()]
        #expect(ids[0] != ids[1])
        for id in ids { #expect(Base64URL.decode(id)?.count == 16) }
    }

    /// requirement: B-61
    @Test("initialize with a session id opens another session and leaves the old one alone")
    func initializeAgain() async throws {
        let entrance = try Entrance()
        let old = try await entrance.open()
        let reply = await entrance.post(Entrance.initialize(), session: old)
        let new = try #require(reply["Mcp-Session-Id"])
        #expect(reply.status == 200)
        #expect(new != old)
        #expect(await entrance.post(Entrance.ping, session: old).status == 200)
        #expect(await entrance.post(Entrance.ping, session: new).status == 200)
    }

    /// requirement: B-54, B-55
    @Test("a message without a session id is told to initialize first, an unknown id to initialize again")
    func missingAndUnknown() async throws {
        let entrance = try Entrance()
        let missing = await entrance.post(Entrance.ping)
        #expect(missing.status == 400)
        #expect(missing.error?["message"]?.string?.contains("initialize first") == true)
        for id in ["unknown", String(repeating: "x", count: 10_000), "e\u{301}"] {
            let unknown = await entrance.post(Entrance.ping, session: id)
            #expect(unknown.status == 404)
            #expect(unknown.reason == "session_unknown")
            #expect(unknown.error?["data"]?["remedy"] == "reinitialize")
        }
    }

    /// requirement: B-55
    @Test("a session ends after its idle time, counted from its last request")
    func idle() async throws {
        let entrance = try Entrance { $0.session.idle = .seconds(100) }
        let id = try await entrance.open()
        for _ in 0..<3 {
            entrance.clock.advance(by: .seconds(100))
            #expect(await entrance.post(Entrance.ping, session: id).status == 200)
        }
        entrance.clock.advance(by: .seconds(101))
        #expect(await entrance.post(Entrance.ping, session: id).reason == "session_unknown")
        #expect(entrance.endpoint.sessionCount == 0)
    }

    /// requirement: B-55
    @Test("at the bound the longest idle unbound session goes first, then the longest idle bound one")
    func eviction() async throws {
        let entrance = try Entrance { $0.session.maximum = 3 }
        let token = try entrance.token()
        let bound = try await entrance.open(token: token)
        let first = try await entrance.open()
        let second = try await entrance.open()
        #expect(await entrance.post(Entrance.ping, session: first).status == 200)
        let third = try await entrance.open(token: token)
        #expect(await entrance.post(Entrance.ping, session: second).reason == "session_unknown")
        let fourth = try await entrance.open(token: token)
        #expect(await entrance.post(Entrance.ping, session: first).reason == "session_unknown")
        #expect(await entrance.post(Entrance.ping, session: bound).status == 200)
        _ = try await entrance.open()
        #expect(await entrance.post(Entrance.ping, session: third).reason == "session_unknown")
        #expect(await entrance.post(Entrance.ping, session: bound).status == 200)
        #expect(await entrance.post(Entrance.ping, session: fourth).status == 200)
        #expect(entrance.endpoint.sessionCount == 3)
    }

    /// requirement: B-58, B-60
    @Test("the first verified token binds a session, a refreshed token of its subject fits, another subject gets 404")
    func binding() async throws {
        let entrance = try Entrance()
        let id = try await entrance.open()
        #expect(await entrance.call("echo", token: try entrance.token("ada"), session: id).status == 200)
        entrance.clock.advance(by: .seconds(10))
        #expect(await entrance.call("echo", token: try entrance.token("ada"), session: id).status == 200)
        let other = await entrance.call("echo", token: try entrance.token("bob"), session: id)
        #expect(other.status == 404)
        #expect(other.reason == "session_subject_mismatch")
        #expect(entrance.records.last?.reason == .sessionSubjectMismatch)
    }

    /// requirement: B-58, B-60
    @Test("a session bound at initialize is bound from the start")
    func boundAtOnce() async throws {
        let entrance = try Entrance()
        let id = try await entrance.open(token: try entrance.token("ada"))
        #expect(
            await entrance.post(Entrance.list, token: try entrance.token("bob"), session: id).reason
                == "session_subject_mismatch")
    }

    /// requirement: B-57, F-84
    @Test("a request without a token on a bound session is anonymous, not the session's user")
    func neverAmbient() async throws {
        let entrance = try Entrance(policy: AccessPolicy(publicTools: ["open"]))
        let id = try await entrance.open(token: try entrance.token())
        #expect(await entrance.call("echo", session: id).reason == "token_missing")
        let open = await entrance.call("open", session: id)
        #expect(open.result?["structuredContent"]?["subject"] == .null)
    }

    @Test("with session authority a token is remembered until its own exp, and only on its session")
    func sessionAuthority() async throws {
        let entrance = try Entrance { $0.session.authority = .session }
        let id = try await entrance.open(token: try entrance.token("ada", ttl: .seconds(60)))
        let stranger = try await entrance.open()
        #expect(await entrance.call("echo", session: id).result?["structuredContent"]?["subject"] == "ada")
        #expect(entrance.records.last?.tokenSent == false)
        #expect(await entrance.call("echo", session: stranger).reason == "token_missing")
        entrance.clock.advance(by: .seconds(61))
        #expect(await entrance.call("echo", session: id).reason == "token_missing")
    }

    @Test("with session authority a remembered token is judged anew for every request")
    func rememberedTokenIsJudged() async throws {
        let entrance = try Entrance(maximumTokenAge: .seconds(60)) { $0.session.authority = .session }
        let id = try await entrance.open()
        #expect(await entrance.call("echo", token: try entrance.token(), session: id).status == 200)
        #expect(await entrance.call("echo", session: id).result?["structuredContent"]?["subject"] == "ada")
        entrance.clock.advance(by: .seconds(70))
        #expect(await entrance.call("echo", session: id).reason == "token_missing")
        #expect(await entrance.call("echo", token: try entrance.token(), session: id).status == 200)
        #expect(await entrance.call("echo", session: id).status == 200)
    }

    @Test(
        "with session authority a token that is refused is not covered up by the remembered one",
        arguments: AccessPolicy.RejectedToken.allCases)
    func sessionAuthorityAndRejectedTokens(_ handling: AccessPolicy.RejectedToken) async throws {
        let policy = AccessPolicy(rejectedToken: handling, publicTools: ["open"])
        let entrance = try Entrance(policy: policy) { $0.session.authority = .session }
        let id = try await entrance.open(token: try entrance.token("ada"))
        #expect(await entrance.call("echo", token: "a.b.c", session: id).reason == "token_malformed")
        let open = await entrance.call("open", token: "a.b.c", session: id)
        if handling == .anonymous {
            #expect(open.result?["structuredContent"]?["subject"] == .null)
            #expect(open["Vestibule-Token"] == "rejected; reason=token_malformed")
        } else {
            #expect(open.reason == "token_malformed")
        }
    }

    /// requirement: B-56
    @Test("DELETE ends an unbound session for anybody, a bound one for its subject only")
    func delete() async throws {
        let entrance = try Entrance()
        let unbound = try await entrance.open()
        #expect(await entrance.send(.delete, headers: [("Mcp-Session-Id", unbound)]).status == 204)
        #expect(await entrance.post(Entrance.ping, session: unbound).reason == "session_unknown")

        let bound = try await entrance.open(token: try entrance.token("ada"))
        let named = ("Mcp-Session-Id", bound)
        #expect(await entrance.send(.delete, headers: [named]).reason == "token_missing")
        let bob = ("Authorization", "Bearer \(try entrance.token("bob"))")
        #expect(await entrance.send(.delete, headers: [named, bob]).reason == "session_subject_mismatch")
        let ada = ("Authorization", "Bearer \(try entrance.token("ada"))")
        #expect(await entrance.send(.delete, headers: [named, ada]).status == 204)
        #expect(await entrance.send(.delete, headers: [named, ada]).reason == "session_unknown")
        #expect(await entrance.send(.delete).status == 400)
    }

    @Test("the session table keeps its orders through any sequence of changes")
    func tableAgainstModel() {
        var table = SessionTable(SessionConfiguration(idle: .seconds(1_000_000), maximum: 8))
        var model: [(id: String, isBound: Bool)] = []
        var generator = Seeded(state: 42)
        for step in 0..<5_000 {
            let now = NumericDate(Double(step))
            let id = "s\(Int.random(in: 0..<24, using: &generator))"
            let place = model.firstIndex { $0.id == id }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where place == nil:
                if model.count == 8 { model.remove(at: model.firstIndex { !$0.isBound } ?? 0) }
                model.append((id, false))
                table.insert(.alone(id), now: now)
            case 1:
                #expect((table.use(id, now: now) != nil) == (place != nil))
                if let place { model.append(model.remove(at: place)) }
            case 2:
                let bound = table.update(id) { $0.owner = Principal.Identity(issuer: "i", subject: "s") }
                #expect((bound != nil) == (place != nil))
                if let place {
                    model.remove(at: place)
                    model.append((id, true))
                }
            default:
                table.remove(id)
                if let place { model.remove(at: place) }
            }
            #expect(table.count == model.count)
        }
    }
}

/// A small repeatable generator (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
