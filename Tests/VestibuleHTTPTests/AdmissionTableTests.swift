import Testing
import VestibuleAuth
import VestibuleProtocol

/// The admission table of the design, cell by cell, over real HTTP.
@Suite("The admission table")
struct AdmissionTableTests {
    enum Shown: String, CaseIterable, Sendable { case absent, verified, rejected }
    enum Asked: String, CaseIterable, Sendable { case handshake, listing, publicTool, operation }

    struct Cell: Sendable, CustomTestStringConvertible {
        let shown: Shown
        let asked: Asked
        let rejectedToken: AccessPolicy.RejectedToken
        let handshake: AccessPolicy.Openness

        var testDescription: String {
            "\(shown.rawValue) token, \(asked.rawValue), rejectedToken: \(rejectedToken.rawValue), "
                + "handshake: \(handshake.rawValue)"
        }

        static let all = Shown.allCases.flatMap { shown in
            Asked.allCases.flatMap { asked in
                AccessPolicy.RejectedToken.allCases.flatMap { rejectedToken in
                    AccessPolicy.Openness.allCases.map { handshake in
                        Cell(shown: shown, asked: asked, rejectedToken: rejectedToken, handshake: handshake)
                    }
                }
            }
        }
    }

    enum Expected: Equatable {
        /// Served, as this subject; with the reason for which the token that came did not count.
        case served(subject: String?, ignored: String?)
        case refused(Int, String)
    }

    private static func expected(_ cell: Cell) -> Expected {
        let isOpen =
            switch cell.asked {
            case .handshake: cell.handshake == .open
            case .listing, .publicTool: true
            case .operation: false
            }
        switch cell.shown {
        case .verified: return .served(subject: "ada", ignored: nil)
        case .absent: return isOpen ? .served(subject: nil, ignored: nil) : .refused(401, "token_missing")
        case .rejected:
            guard cell.rejectedToken == .anonymous, isOpen else { return .refused(401, "token_expired") }
            return .served(subject: nil, ignored: "rejected; reason=token_expired")
        }
    }

    /// requirement: F-13, F-15, H-01, H-03
    @Test("each cell", arguments: Cell.all)
    func cell(_ cell: Cell) async throws {
        let policy = AccessPolicy(
            handshake: cell.handshake, rejectedToken: cell.rejectedToken, publicTools: ["open"])
        try await House.with(policy: policy) { house in
            let good = try house.keys.token()
            var expired = house.keys.claims
            expired["exp"] = .integer(1_000_000_000)
            expired["iat"] = .integer(999_999_999)
            let token: String? =
                switch cell.shown {
                case .absent: nil
                case .verified: good
                case .rejected: try TokenMinter.sign(expired, with: house.keys.active)
                }
            // A handshake that is challenged opens its session with a token; it is then this subject's.
            let session = try await house.open(token: cell.handshake == .open ? nil : good)
            let body =
                switch cell.asked {
                case .handshake: House.initialize
                case .listing: House.list
                case .publicTool: House.call("open")
                case .operation: House.call("echo")
                }
            let reply = try await house.post(
                body, token: token, session: cell.asked == .handshake ? nil : session)
            switch Self.expected(cell) {
            case .served(let subject, let ignored):
                #expect(reply.status == 200)
                #expect(reply.error == nil)
                #expect(reply["Vestibule-Token"] == ignored)
                if cell.asked == .publicTool || cell.asked == .operation {
                    #expect(reply.result?["structuredContent"]?["subject"]?.string == subject)
                }
            case .refused(let status, let reason):
                #expect(reply.status == status)
                #expect(reply.reason == reason)
                #expect(reply["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
                #expect(reply["WWW-Authenticate"]?.contains("error=") == (cell.shown == .rejected))
            }
        }
    }

    @Test("a challenged listing asks for a token, an open one does not")
    func listing() async throws {
        try await House.with(policy: AccessPolicy(listing: .challenge)) { house in
            let session = try await house.open()
            #expect(try await house.post(House.list, session: session).reason == "token_missing")
            #expect(try await house.post(House.list, token: try house.keys.token(), session: session).status == 200)
        }
    }

    @Test("the list is whole for somebody anonymous, and what the principal may call for a verified one")
    func catalogue() async throws {
        let rules = [Rule(tools: ["echo"], permissions: ["speak"]), Rule(tools: ["open"])]
        try await House.with(policy: AccessPolicy(), rules: rules) { house in
            let session = try await house.open()
            func names(_ token: String?) async throws -> [String?] {
                let reply = try await house.post(House.list, token: token, session: session)
                return (reply.result?["tools"]?.array ?? []).map { $0["name"]?.string }
            }
            #expect(try await names(nil) == ["echo", "open"])
            #expect(try await names(try house.keys.token()) == ["open"])
            #expect(try await names(try house.keys.token(permissions: ["speak"])) == ["echo", "open"])
        }
    }

    @Test("a client is challenged at the handshake by its User-Agent or its name")
    func clients() async throws {
        let policy = AccessPolicy(clients: [
            ClientOverride(userAgent: "Cursor/*", handshake: .challenge),
            ClientOverride(clientName: "test", handshake: .challenge),
        ])
        let other = House.initialize.replacing(#""test""#, with: #""other""#)
        try await House.with(policy: policy) { house in
            let welcome = try await house.post(other)
            #expect(welcome.status == 200)
            #expect(try await house.post(other, headers: [("User-Agent", "Cursor/1.0")]).status == 401)
            #expect(try await house.post(House.initialize).status == 401)
        }
    }

    @Test("a denial is delivered in band or as HTTP 403", arguments: AccessPolicy.Denials.allCases)
    func denials(_ delivery: AccessPolicy.Denials) async throws {
        let rule = Rule(
            tools: ["echo"],
            arguments: [ArgumentCondition(argument: "bucket", form: .bucket, allowed: .claim("buckets"))])
        try await House.with(policy: AccessPolicy(denials: delivery), rules: [rule]) { house in
            let session = try await house.open()
            let token = try house.keys.token(buckets: ["demo"])
            let allowed = House.call("echo", #"{"bucket":"s3://demo/key"}"#)
            #expect(try await house.post(allowed, token: token, session: session).result?["isError"] == false)
            let denied = House.call("echo", #"{"bucket":"payroll"}"#)
            let reply = try await house.post(denied, token: token, session: session)
            #expect(reply.reason == "argument_forbidden")
            #expect(reply.status == (delivery == .inBand ? 200 : 403))
            let line =
                reply.result?["content"]?.array?.first?["text"]?.string ?? reply.error?["message"]?.string
            #expect(line?.contains("payroll") == true && line?.contains("demo") == true)
            let forbidden = try await house.post(House.call("open"), token: token, session: session)
            #expect(forbidden.reason == "tool_forbidden")
        }
    }
}
