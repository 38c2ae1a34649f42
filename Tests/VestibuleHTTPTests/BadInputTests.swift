import NIOCore
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleHTTP

/// What nobody should send. Each is answered as documented, and a newcomer is served afterwards.
@Suite("Bad input")
struct BadInputTests {
    /// requirement: B-11, G-01
    @Test(
        "a body that is no message",
        arguments: [
            ("not JSON", "nonsense", 400, -32700), ("empty", "", 400, -32700), ("an array", "[]", 400, -32600),
            ("a batch", "[\(House.ping)]", 400, -32600),
            ("nested 10,000 deep", String(repeating: "[", count: 10_000), 400, -32600),
            (
                "params nested 10,000 deep",
                #"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"#
                    + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}}", 400, -32600
            ),
            (
                "a method that is there twice",
                #"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"echo"}}"#, 400,
                -32600
            ),
            ("an id that is null", #"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, 400, -32600),
            ("an id that is an object", #"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, 400, -32600),
            ("an id that is a fraction", #"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, 400, -32600),
            ("an id that is a boolean", #"{"jsonrpc":"2.0","id":false,"method":"ping"}"#, 400, -32600),
        ])
    func body(_ name: String, _ body: String, _ status: Int, _ code: Int) async throws {
        try await House.with { house in
            let session = try await house.open()
            let reply = try await house.post(body, session: session)
            #expect(reply.status == status)
            #expect(reply.error?["code"]?.integer == code)
            #expect(reply.error?["message"]?.string?.isEmpty == false)
            #expect(try await house.stillServes())
        }
    }

    /// requirement: B-11
    @Test("a content type other than JSON is 415")
    func contentType() async throws {
        try await House.with { house in
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
                let reply = try await house.request(headers: [("Content-Type", type)], body: House.initialize)
                #expect(reply.status == 415)
            }
            #expect(try await house.request(body: House.initialize).status == 415)
            #expect(try await house.stillServes())
        }
    }

    /// requirement: B-11
    @Test("a body over its bound is 413, whether its length is declared or found out")
    func tooLarge() async throws {
        try await House.with(configure: { $0.maximumBodySize = 1000 }) { house in
            let type = ("Content-Type", "application/json")
            let body = House.initialize + String(repeating: " ", count: 1000 - House.initialize.utf8.count)
            #expect(try await house.request(headers: [type], body: body).status == 200)
            let declared = try await house.request(
                headers: [type, ("Origin", "https://app.example.com")], body: body + " ")
            #expect(declared.status == 413)
            #expect(declared["Access-Control-Allow-Origin"] == "https://app.example.com")
            #expect(declared["Vestibule-Request-Id"] != nil)
            let chunked = try await RawConnection.open(house.port) { connection in
                try await connection.send(headers: [type, ("Transfer-Encoding", "chunked")])
                for _ in 0..<3 {
                    try await connection.send("1F4\r\n" + String(repeating: " ", count: 500) + "\r\n")
                }
                let reply = try await connection.reply()
                #expect(await connection.isEnded())
                return reply
            }
            #expect(chunked?.status == 413)
            #expect(house.records.list.contains { $0.status == 413 && $0.verdict == .failed })
            #expect(try await house.stillServes())
        }
    }

    @Test("a very large body that is refused does not keep the refusal from being read")
    func largeUpload() async throws {
        try await House.with { house in
            let reply = try await RawConnection.open(house.port) { connection in
                try await connection.send(
                    headers: [("Content-Type", "application/json"), ("Content-Length", "\(64 << 20)")])
                let piece = String(repeating: " ", count: 64 << 10)
                for _ in 0..<16 { try? await connection.send(piece) }
                return try await connection.reply()
            }
            #expect(reply?.status == 413)
            #expect(try await house.stillServes())
        }
    }

    @Test("a head that does not come is 408, and the connection ends")
    func slowHead() async throws {
        try await House.with(http: HTTPServerConfiguration(headTimeout: .milliseconds(50))) { house in
            let reply = try await RawConnection.open(house.port) { connection in
                try await connection.send("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow")
                let reply = try await connection.reply()
                #expect(await connection.isEnded())
                return reply
            }
            #expect(reply?.status == 408)
            #expect(reply?["Connection"] == "close")
            #expect(try await house.stillServes())
        }
    }

    @Test("a body that does not come is 408, and the connection ends")
    func slowBody() async throws {
        try await House.with(http: HTTPServerConfiguration(bodyTimeout: .milliseconds(50))) { house in
            let reply = try await RawConnection.open(house.port) { connection in
                try await connection.send(
                    headers: [
                        ("Content-Type", "application/json"), ("Content-Length", "1000"),
                        ("Origin", "https://app.example.com"),
                    ])
                try await connection.send("{")
                let reply = try await connection.reply()
                #expect(await connection.isEnded())
                return reply
            }
            #expect(reply?.status == 408)
            #expect(reply?["Access-Control-Allow-Origin"] == "https://app.example.com")
            #expect(try await house.stillServes())
        }
    }

    @Test("a message whose body breaks off is never acted on, though what came of it could be read")
    func truncatedBody() async throws {
        let quick = HTTPServerConfiguration(bodyTimeout: .milliseconds(50), linger: .milliseconds(50))
        let records = try await House.with(http: quick) { house in
            let head = [("Content-Type", "application/json"), ("Content-Length", "1000")]
            try await RawConnection.open(house.port) { connection in
                try await connection.send(headers: head)
                try await connection.send(House.initialize)
                #expect(try await connection.reply()?.status == 408)
            }
            try await RawConnection.open(house.port) { connection in
                try await connection.send(headers: head)
                try await connection.send(House.initialize)
            }
            return house.records
        }
        #expect(!records.list.contains { $0.method != nil })
    }

    @Test("an idle connection is closed without a word")
    func idle() async throws {
        try await House.with(http: HTTPServerConfiguration(idle: .milliseconds(300))) { house in
            try await RawConnection.open(house.port) { connection in
                #expect(await connection.isEnded())
            }
            // On a busy machine the time may be over before the request is on its way: then once more.
            var status: Int?
            for _ in 0..<20 where status == nil {
                status = try await RawConnection.open(house.port) { connection in
                    guard (try? await connection.send("GET", "/healthz")) != nil else { return nil }
                    let reply = try? await connection.reply()
                    #expect(await connection.isEnded())
                    return reply?.status
                }
            }
            #expect(status == 200)
        }
    }

    @Test(
        "a head that is no request, or whose body has no certain end, is refused and the connection ends",
        arguments: [
            ("no HTTP", "nonsense\r\n\r\n", 400),
            ("two lengths", "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            (
                "a length and a coding",
                "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400
            ),
            ("another coding", "POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
            ("codings", "POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400),
            ("a coding twice", "POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400),
            ("a negative length", "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
            ("a length with a sign", "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
            ("a huge length", "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("a space before the colon", "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\n", 400),
            ("no Host", "POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
            ("two Hosts", "POST /mcp HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n", 400),
            ("another expectation", "POST /mcp HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n", 417),
            (
                "a head over its size",
                "POST /mcp HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 40_000) + "\r\n\r\n", 431
            ),
            (
                "too many fields",
                "POST /mcp HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n", 431
            ),
        ])
    func framing(_ name: String, _ request: String, _ status: Int) async throws {
        try await House.with { house in
            let reply = try await RawConnection.open(house.port) { connection in
                try await connection.send(request)
                let reply = try await connection.reply()
                #expect(await connection.isEnded())
                return reply
            }
            #expect(reply?.status == status)
            #expect(reply?["Connection"] == "close")
            #expect(reply?.error?["message"]?.string?.isEmpty == false)
            #expect(house.records.list.last?.status == status)
            #expect(try await house.stillServes())
        }
    }

    @Test("credentials that are no token, and those that are in any case")
    func credentials() async throws {
        try await House.with { house in
            let token = try house.keys.token()
            let session = try await house.open()
            for fields in [
                ["Bearer"], ["Bearer "], ["Bearer Bearer \(token)"], ["Bearer undefined"], ["Basic YTpi"],
                ["Bearer \(token)", "Bearer \(token)"], ["Bearer \(token) x"], ["Bearer \(token)."],
            ] {
                let reply = try await house.post(House.call("echo"), authorization: fields, session: session)
                #expect(reply.status == 401, "\(fields.count) fields")
                #expect(reply.reason == "token_malformed", "\(fields.count) fields")
                #expect(reply["WWW-Authenticate"]?.contains(#"error="invalid_token""#) == true)
                #expect(!String(decoding: reply.body, as: UTF8.self).contains(token))
            }
            for scheme in ["bearer", "BEARER", "Bearer ", "beaReR"] {
                let reply = try await house.post(
                    House.call("echo"), authorization: ["\(scheme) \(token)"], session: session)
                #expect(reply.status == 200, "\(scheme)")
            }
            #expect(try await house.stillServes())
        }
    }

    @Test("a token of 100 kB is 431 by default, and malformed where heads may be so large")
    func hugeToken() async throws {
        let token = String(repeating: "x", count: 100_000)
        try await House.with { house in
            let reply = try await house.post(House.initialize, token: token)
            #expect(reply.status == 431)
            #expect(try await house.stillServes())
        }
        try await House.with(configure: { $0.maximumHeaderSize = 200_000 }) { house in
            let reply = try await house.post(House.initialize, token: token)
            #expect(reply.status == 401)
            #expect(reply.reason == "token_malformed")
            #expect(try await house.stillServes())
        }
    }

    /// Tokens that somebody might try.
    enum Forgery: String, CaseIterable, Sendable {
        case none, publicKeyAsSecret, unknownExtension, unknownKey, retiredKey, noExpiration, expirationIsText
        case expired, foreignKey, otherAudience, otherIssuer

        var reason: String {
            switch self {
            case .none, .publicKeyAsSecret, .unknownExtension: "algorithm_not_allowed"
            case .unknownKey: "key_unknown"
            case .retiredKey: "key_retired"
            case .noExpiration, .expirationIsText: "claim_missing"
            case .expired: "token_expired"
            case .foreignKey: "signature_invalid"
            case .otherAudience: "audience_mismatch"
            case .otherIssuer: "issuer_unknown"
            }
        }

        func token(_ keys: House.Keys) throws -> String {
            var claims = keys.claims
            let now = SystemClock().now()
            switch self {
            case .none: return try TokenMinter.sign(claims, with: keys.active, header: ["alg": "none"])
            case .publicKeyAsSecret:
                let secret = RingKey.generate(.es256, kid: "active", createdAt: now)
                let published = KeyRing.published(keys.ring) ?? secret.fingerprint
                let key = try RingKey(
                    hmacSecret: Array(published.utf8), kid: "active", state: .active, createdAt: now)
                return try TokenMinter.sign(claims, with: key)
            case .unknownExtension:
                return try TokenMinter.sign(claims, with: keys.active, header: ["crit": ["x"], "x": 1])
            case .unknownKey: return try TokenMinter.sign(claims, with: keys.active, header: ["kid": "nobody"])
            case .retiredKey: return try TokenMinter.sign(claims, with: keys.retired)
            case .noExpiration: claims["exp"] = nil
            case .expirationIsText: claims["exp"] = .string("\(Int(now.seconds) + 300)")
            case .expired:
                claims["iat"] = .integer(Int(now.seconds) - 600)
                claims["exp"] = .integer(Int(now.seconds) - 300)
            case .foreignKey:
                return try TokenMinter.sign(
                    claims, with: RingKey.generate(.es256, kid: "active", createdAt: now))
            case .otherAudience: claims["aud"] = "https://other.example/mcp"
            case .otherIssuer: claims["iss"] = "https://other.example"
            }
            return try TokenMinter.sign(claims, with: keys.active)
        }
    }

    /// requirement: F-13, F-20, F-22
    @Test("a token that is not good is refused with its reason", arguments: Forgery.allCases)
    func forgeries(_ forgery: Forgery) async throws {
        try await House.with { house in
            let session = try await house.open()
            let reply = try await house.post(
                House.call("echo"), token: try forgery.token(house.keys), session: session)
            #expect(reply.status == 401)
            #expect(reply.reason == forgery.reason)
            if forgery == .retiredKey { #expect(reply.error?["message"]?.string?.contains("retired") == true) }
            #expect(try await house.stillServes())
        }
    }

    @Test("a subject that is a number is accepted as its text")
    func numericSubject() async throws {
        try await House.with { house in
            var claims = house.keys.claims
            claims["sub"] = .integer(42)
            let token = try TokenMinter.sign(claims, with: house.keys.active)
            let reply = try await house.post(House.call("echo"), token: token, session: try await house.open())
            #expect(reply.result?["structuredContent"]?["subject"] == "42")
        }
    }

    /// requirement: B-55, B-60
    @Test("a session that is unknown, of another subject, or ended is 404 with what to do")
    func sessions() async throws {
        try await House.with { house in
            let ada = try house.keys.token("ada")
            let bob = try house.keys.token("bob")
            let session = try await house.open(token: ada)
            let unknown = try await house.post(House.call("echo"), token: ada, session: "unknown")
            let foreign = try await house.post(House.call("echo"), token: bob, session: session)
            let headers = [("Mcp-Session-Id", session), ("Authorization", "Bearer \(ada)")]
            #expect(try await house.request("DELETE", headers: headers).status == 204)
            let ended = try await house.post(House.call("echo"), token: ada, session: session)
            #expect([unknown, foreign, ended].map(\.status) == [404, 404, 404])
            #expect(
                [unknown, foreign, ended].map(\.reason) == [
                    "session_unknown", "session_subject_mismatch", "session_unknown",
                ])
            #expect(unknown.error?["data"]?["remedy"] == "reinitialize")
            #expect(try await house.stillServes())
        }
    }

    @Test("an address that sends many different bad tokens is 429 with Retry-After, and served at once with a good one")
    func manyBadTokens() async throws {
        try await House.with(configure: { $0.refusedTokensPerMinute = 3 }) { house in
            let session = try await house.open()
            var replies: [House.Reply] = []
            for number in 0..<5 {
                replies.append(try await house.post(House.call("echo"), token: "bad.\(number).x", session: session))
            }
            #expect(replies.map(\.status) == [401, 401, 401, 429, 429])
            let limited = try #require(replies.last)
            #expect(limited.reason == "rate_limited")
            #expect(limited.error?["data"]?["remedy"] == "wait")
            let wait = try #require(limited["Retry-After"].flatMap(Int.init))
            #expect((1...60).contains(wait))
            #expect(try await house.post(House.call("echo"), token: "bad.0.x", session: session).status == 401)
            #expect(try await house.stillServes())
        }
    }

    /// requirement: B-21, G-08
    @Test("a batch is for sessions of 2025-03-26")
    func batch() async throws {
        try await House.with { house in
            let initialize = House.initialize.replacing("2025-11-25", with: "2025-03-26")
            let session = try #require(try await house.post(initialize)["Mcp-Session-Id"])
            let reply = try await house.post("[\(House.ping),\(House.list)]", session: session)
            #expect(reply.status == 200)
            #expect(reply.json?.array?.count == 2)
            let refused = try await house.post("[\(House.ping),\(House.call("echo"))]", session: session)
            #expect(refused.status == 401)
            #expect(refused.reason == "token_missing")
            #expect(try await house.stillServes())
        }
    }

    @Test("the pace of a body: any within the timeout, then an average")
    func pace() {
        var configuration = HTTPServerConfiguration()
        configuration.bodyTimeout = .seconds(30)
        configuration.minimumBodyRate = 1000
        var pace = BodyPace(configuration, began: .uptimeNanoseconds(0))
        func next(_ seconds: UInt64) -> Int64? {
            pace.nextCheck(at: .uptimeNanoseconds(seconds * 1_000_000_000))?.nanoseconds
        }
        #expect(next(10) == 20_000_000_000)
        #expect(next(30) == nil)
        pace.received = 31_000
        #expect(next(30) == 1_000_000_000)
        #expect(next(31) == nil)
        pace.received = Int.max
        #expect(next(1_000_000) != nil)
    }
}

extension KeyRing {
    /// The public half of the ring's first asymmetric key, as anybody may read it.
    fileprivate static func published(_ ring: KeyRing) -> String? {
        ring.jwks["keys"]?.array?.first?.description
    }
}
