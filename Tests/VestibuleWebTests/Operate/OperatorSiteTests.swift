import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("The operator's state and its stream")
struct OperatorSiteTests {
    private func json(_ response: EndpointResponse) throws -> JSONValue {
        guard case .bytes(let bytes) = response.body else { throw Unexpected("no body: \(response.head.status)") }
        return try JSONValue(parsing: bytes)
    }

    /// The JSON of an event; `nil` at the end of the stream, and a thrown error for a comment.
    private func event(_ iterator: inout ByteStream.AsyncIterator) async throws -> JSONValue? {
        guard let piece = await iterator.next(isolation: #isolation) else { return nil }
        let text = String(decoding: piece, as: UTF8.self)
        guard text.hasPrefix("event: state\ndata: "), text.hasSuffix("\n\n") else { throw Unexpected(text) }
        return try JSONValue(parsing: Array(text.dropFirst("event: state\ndata: ".count).utf8))
    }

    @Test("shows sessions, keys, refusals and stale tokens, and nothing that opens anything")
    func state() async throws {
        let house = try OperatorHouse()
        await house.initialize(client: "front end")
        house.telemetry.observe(.refused(.keyRetired, kid: "old", client: "front end", userAgent: "Mozilla"))
        house.clock.advance(by: .seconds(700))
        let response = try await house.get("/operate/state", cookie: house.signIn())
        #expect(response.head.status == .ok && response.head.headerFields[.cacheControl] == "no-store")
        let state = try json(response)
        #expect(state["now"] == 1_800_000_700 && state["started_at"] == 1_800_000_000)
        #expect(state["sessions"]?["total"] == 1 && state["sessions"]?["bound"] == 0)
        let session = try #require(state["sessions"]?["list"]?.array?.first)
        #expect(session.object?.names == ["fingerprint", "client", "created_at", "last_seen", "requests"])
        #expect(session["client"] == "front end" && session["last_seen"] == 1_800_000_000)
        let keys = try #require(state["issuers"]?.array?.first?["keys"]?.array)
        // The overlap of `late` is over by now.
        #expect(keys.map { $0["state"] } == ["retired", "retired", "active"])
        #expect(keys.map { $0["since"] } == [1_800_000_000, 1_800_000_600, 1_800_000_000])
        #expect(keys.map { $0["kid"] } == ["old", "late", "k1"] && keys.allSatisfy { $0["due"] == nil })
        #expect(keys.allSatisfy { $0["fingerprint"]?.string?.count == 8 && $0["algorithm"] == "HS256" })
        let refusals = try #require(state["refusals"])
        #expect(refusals["bucket_seconds"] == 300 && refusals["hours"] == 6)
        #expect(refusals["buckets"]?.array?.count == 72)
        #expect(
            refusals["buckets"]?.array?.first { $0["total_requests"] != 0 } == [
                "at": 1_800_000_000, "total_requests": 2, "reasons": ["key_retired": 1],
            ])
        #expect(
            state["stale"] == [
                [
                    "reason": "key_retired", "kid": "old", "client": "front end", "user_agent": "Mozilla", "count": 1,
                    "first_seen": 1_800_000_000, "last_seen": 1_800_000_000, "token_age_seconds": 90,
                ]
            ])
    }

    @Test("a key that verifies for a while says until when")
    func due() async throws {
        let house = try OperatorHouse()
        let state = try json(try await house.get("/operate/state", cookie: house.signIn()))
        let key = state["issuers"]?.array?.first?["keys"]?.array?[1]
        #expect(key?["state"] == "verifying" && key?["due"] == 1_800_000_600)
    }

    @Test("an active key that is replaced by a schedule says when that is due")
    func rotationDue() async throws {
        let schedule = RotationSchedule(every: .seconds(86_400), overlap: .seconds(60), lifetime: .seconds(60))
        let house = try OperatorHouse(schedules: ["own": schedule])
        let state = try json(try await house.get("/operate/state", cookie: house.signIn()))
        let key = state["issuers"]?.array?.first?["keys"]?.array?.last
        #expect(key?["state"] == "active" && key?["due"] == 1_800_086_400)
    }

    @Test("is for operators alone, and read by GET alone", arguments: ["/operate/state", "/operate/events?x"])
    func access(path: String) async throws {
        let house = try OperatorHouse()
        for cookie in [nil, "__Host-vestibule-8080=forged"] {
            let response = try await house.get(path, cookie: cookie)
            #expect(response.head.status.code == 401)
            #expect(try json(response)["error"] == "login_required")
        }
        let reader = try await house.get(path, cookie: house.signIn(roles: ["reader"]))
        #expect(reader.head.status.code == 403)
        #expect(try json(reader)["error"] == "operator_required")
        #expect(try await house.get(path, cookie: house.signIn(), method: .post).head.status.code == 405)
        #expect(await house.site.respond(to: OperatorHouse.request("/operate", cookie: nil)) == nil)
        #expect(house.site.streamCount == 0)
    }

    @Test(
        "a page of another site cannot use up the streams",
        arguments: [("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403)])
    func foreignPage(site: String, expected: Int) async throws {
        let house = try OperatorHouse()
        var request = OperatorHouse.request("/operate/events", cookie: house.signIn())
        let name = try #require(HTTPField.Name("Sec-Fetch-Site"))
        request.head.headerFields[name] = site
        #expect(await house.site.respond(to: request)?.head.status.code == expected)
    }

    @Test("a stream begins with the state, and has one event a second where something happened")
    func events() async throws {
        let house = try OperatorHouse()
        var pieces = try await house.events(cookie: house.signIn()).makeAsyncIterator()
        let first = try await event(&pieces)
        #expect(first?["sessions"]?["total"] == 0)
        for _ in 0..<3 { await house.initialize() }
        let clock = house.clock
        let turned = Task {
            // A second of quiet, then one in which something happens.
            for _ in 0..<2 {
                await clock.untilSomebodySleeps(for: .seconds(1))
                clock.advance(by: .seconds(1))
            }
        }
        let second = try await event(&pieces)
        #expect(second?["now"] == 1_800_000_001 && second?["sessions"]?["total"] == 3)
        await house.initialize()
        let third = try await event(&pieces)
        #expect(third?["now"] == 1_800_000_002 && third?["sessions"]?["total"] == 4)
        await turned.value
    }

    @Test("a comment comes after fifteen seconds without an event")
    func keepAlive() async throws {
        let house = try OperatorHouse()
        var pieces = try await house.events(cookie: house.signIn()).makeAsyncIterator()
        _ = try await event(&pieces)
        let clock = house.clock
        let turned = Task {
            for _ in 0..<15 {
                await clock.untilSomebodySleeps(for: .seconds(1))
                clock.advance(by: .seconds(1))
            }
        }
        let piece = try #require(await pieces.next())
        #expect(String(decoding: piece, as: UTF8.self) == ": keep-alive\n\n")
        #expect(clock.now() == NumericDate(1_800_000_015))
        await turned.value
    }

    @Test("a slow reader misses what was overtaken, and nothing is kept for it")
    func slowReader() async throws {
        let house = try OperatorHouse()
        var pieces = try await house.events(cookie: house.signIn()).makeAsyncIterator()
        _ = try await event(&pieces)
        for _ in 0..<50 {
            await house.initialize()
            house.clock.advance(by: .seconds(1))
        }
        let clock = house.clock
        let turned = Task {
            await clock.untilSomebodySleeps(for: .seconds(1))
            clock.advance(by: .seconds(1))
        }
        #expect(try await event(&pieces)?["sessions"]?["total"] == 50)
        await turned.value
    }

    @Test("a stream ends with the browser's session, which it does not keep alive")
    func endOfSession() async throws {
        let house = try OperatorHouse()
        let cookie = house.signIn()
        var pieces = try await house.events(cookie: cookie).makeAsyncIterator()
        var others = try await house.events(cookie: house.signIn()).makeAsyncIterator()
        _ = try await (event(&pieces), event(&others))
        let session = try #require(house.sessions.session(for: OperatorHouse.request("/", cookie: cookie)))
        _ = house.sessions.end(session)
        let clock = house.clock
        let turned = Task {
            await clock.untilSomebodySleeps(for: .seconds(1))
            clock.advance(by: .seconds(1))
        }
        #expect(await pieces.next() == nil)
        await turned.value
        let night = Task {
            await clock.untilSomebodySleeps(for: .seconds(1))
            clock.advance(by: .seconds(8 * 3600))
        }
        #expect(await others.next() == nil)
        await night.value
    }

    @Test("when the server shuts down the streams end at once, though nothing happened, and none begins")
    func drain() async throws {
        let house = try OperatorHouse()
        let cookie = house.signIn()
        var pieces = try await house.events(cookie: cookie).makeAsyncIterator()
        _ = try await event(&pieces)
        let (clock, site) = (house.clock, house.site)
        let drained = Task {
            await clock.untilSomebodySleeps(for: .seconds(1))
            site.drain()
        }
        #expect(await pieces.next() == nil)
        await drained.value
        #expect(try await house.get("/operate/events", cookie: cookie).head.status.code == 503)
        #expect(try await house.get("/operate/state", cookie: cookie).head.status.code == 200)
    }

    @Test("there are 32 streams at most, and the place of one that was let go of is free")
    func places() async throws {
        let house = try OperatorHouse()
        let cookie = house.signIn()
        var streams: [ByteStream] = []
        for _ in 0..<32 { streams.append(try await house.events(cookie: cookie)) }
        let refused = try await house.get("/operate/events", cookie: cookie)
        #expect(refused.head.status.code == 503)
        #expect(try json(refused)["detail"]?.string?.contains("32") == true)
        streams.removeLast()
        #expect(house.site.streamCount == 31)
        streams.append(try await house.events(cookie: cookie))
        streams.removeAll()
        #expect(house.site.streamCount == 0)
    }

    @Test("a reader that goes away while nothing happens gives its place back")
    func cancelled() async throws {
        let house = try OperatorHouse()
        let (site, clock) = (house.site, house.clock)
        let pieces = try await house.events(cookie: house.signIn())
        let reader = Task { for await _ in pieces {} }
        await clock.untilSomebodySleeps(for: .seconds(1))
        reader.cancel()
        await reader.value
        #expect(clock.now() == NumericDate(1_800_000_000))
        _ = consume pieces
        #expect(site.streamCount == 0)
    }
}
