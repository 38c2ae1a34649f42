import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

/// The table of reasons of the design, row by row, each provoked over real HTTP.
@Suite("The table of reasons")
struct ReasonTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let reason: Reason
        let status: Int
        let error: String?
        let remedy: String

        var testDescription: String { reason.rawValue }

        static func row(_ reason: Reason, _ status: Int, _ error: String?, _ remedy: String) -> Row {
            Row(reason: reason, status: status, error: error, remedy: remedy)
        }

        /// Written out, so that a change of the product does not change the table too.
        static let all: [Row] = [
            row(.tokenMissing, 401, nil, "sign_in"), row(.tokenMalformed, 401, "invalid_token", "refresh"),
            row(.algorithmNotAllowed, 401, "invalid_token", "refresh"),
            row(.keyUnknown, 401, "invalid_token", "refresh"), row(.keyRetired, 401, "invalid_token", "refresh"),
            row(.signatureInvalid, 401, "invalid_token", "refresh"),
            row(.tokenExpired, 401, "invalid_token", "refresh"),
            row(.tokenNotYetValid, 401, "invalid_token", "refresh"),
            row(.tokenTooOld, 401, "invalid_token", "refresh"), row(.clockSkew, 401, "invalid_token", "fix_clock"),
            row(.issuerUnknown, 401, "invalid_token", "sign_in"),
            row(.audienceMismatch, 401, "invalid_token", "sign_in"),
            row(.claimMissing, 401, "invalid_token", "sign_in"),
            row(.tokenRevoked, 401, "invalid_token", "sign_in"),
            row(.scopeInsufficient, 403, "insufficient_scope", "request_scope"),
            row(.toolForbidden, 403, nil, "none"), row(.argumentForbidden, 403, nil, "none"),
            row(.sessionUnknown, 404, nil, "reinitialize"), row(.sessionSubjectMismatch, 404, nil, "reinitialize"),
            row(.originForbidden, 403, nil, "none"), row(.hostForbidden, 403, nil, "none"),
            row(.rateLimited, 429, nil, "wait"), row(.issuerUnavailable, 503, nil, "wait"),
        ]
    }

    private static let rules = [
        Rule(
            tools: ["echo"], scope: ["speak"],
            arguments: [ArgumentCondition(argument: "bucket", form: .bucket, allowed: .claim("buckets"))])
    ]

    /// Has to be asked about tokens, and does not answer.
    private static let silentIssuer = TokenIntrospection(place: "nowhere", clock: SystemClock()) { _ in
        throw IssuerFailure("nobody answers")
    }

    @Test("no reason is left out")
    func complete() {
        #expect(Set(Row.all.map(\.reason)) == Set(Reason.allCases))
    }

    /// requirement: F-11, F-13, F-15, F-16, F-19, F-20, F-21, F-22
    @Test("each row: status, challenge, remedy, and a page that may read it all", arguments: Row.all)
    func row(_ row: Row) async throws {
        try await House.with(
            policy: AccessPolicy(denials: .http), rules: Self.rules, maximumTokenAge: .seconds(60),
            revocation: { $0.subject == "mallory" ? Rejection(.tokenRevoked, "the token was revoked") : nil },
            introspection: row.reason == .issuerUnavailable ? Self.silentIssuer : nil,
            configure: { $0.refusedTokensPerMinute = 1 }
        ) { house in
            let reply = try await provoke(row.reason, house)
            #expect(reply.status == row.status)
            #expect(reply.reason == row.reason.rawValue)
            let error = try #require(reply.error)
            #expect(error["code"]?.integer == row.status)
            #expect(error["message"]?.string?.isEmpty == false)
            #expect(error["data"]?["remedy"]?.string == row.remedy)
            #expect(error["data"]?["detail"]?.string?.isEmpty == false)
            #expect(error["data"]?["requestId"]?.string == reply["Vestibule-Request-Id"])
            let challenge = reply["WWW-Authenticate"]
            #expect((challenge != nil) == (row.status == 401 || row.reason == .scopeInsufficient))
            if let challenge {
                #expect(challenge.contains("error=") == (row.error != nil))
                if let error = row.error { #expect(challenge.contains(#"error="\#(error)""#)) }
                #expect(challenge.contains("resource_metadata="))
                if row.reason == .tokenMissing || row.reason == .scopeInsufficient {
                    #expect(challenge.contains(#"scope="speak""#), "what the call needs")
                }
            }
            #expect((reply["Retry-After"] != nil) == [.rateLimited, .issuerUnavailable].contains(row.reason))
            if row.reason != .originForbidden {
                #expect(reply["Access-Control-Allow-Origin"] == "https://app.example.com")
                for name in ["WWW-Authenticate", "Retry-After", "Mcp-Session-Id"] {
                    #expect(reply["Access-Control-Expose-Headers"]?.contains(name) == true)
                }
            }
            let record = try #require(house.records.list.last)
            #expect(record.reason == row.reason && record.verdict == .refused && record.status == row.status)
        }
    }

    private func provoke(_ reason: Reason, _ house: House) async throws -> House.Reply {
        let session = try await house.open()
        var body = House.call("echo")
        func post(
            _ token: String?, session: String = session, origin: String = "https://app.example.com"
        ) async throws -> House.Reply {
            try await house.post(
                body, authorization: token.map { ["Bearer \($0)"] } ?? [], session: session,
                headers: [("Origin", origin)])
        }
        if let token = try badToken(reason, house.keys) { return try await post(token) }
        switch reason {
        case .tokenMissing: return try await post(nil)
        case .scopeInsufficient: return try await post(try house.keys.token())
        case .toolForbidden:
            body = House.call("open")
            return try await post(try house.keys.token())
        case .argumentForbidden:
            var claims = house.keys.claims
            claims["scope"] = "speak"
            body = House.call("echo", #"{"bucket":"payroll"}"#)
            return try await post(try TokenMinter.sign(claims, with: house.keys.active))
        case .sessionUnknown: return try await post(try house.keys.token(), session: "unknown")
        case .sessionSubjectMismatch:
            let bound = try await house.open(token: try house.keys.token("bob"))
            return try await post(try house.keys.token("ada"), session: bound)
        case .originForbidden: return try await post(nil, origin: "https://evil.example")
        case .hostForbidden:
            return try await house.request(
                host: "evil.example",
                headers: [("Content-Type", "application/json"), ("Origin", "https://app.example.com")], body: body)
        case .rateLimited:
            _ = try await post("a.b.c")
            return try await post("d.e.f")
        case .issuerUnavailable:
            // However often it happens, it is not the address that is to blame.
            for token in ["one", "two", "three"] { #expect(try await post(token).status == 503) }
            return try await post("four")
        default: throw Unexpected("nothing provokes \(reason.rawValue)")
        }
    }

    /// A token that is refused for this reason, where a token can be.
    private func badToken(_ reason: Reason, _ keys: House.Keys) throws -> String? {
        var claims = keys.claims
        let now = Int(SystemClock().now().seconds)
        switch reason {
        case .tokenMalformed: return "undefined"
        case .algorithmNotAllowed: return try TokenMinter.sign(claims, with: keys.active, header: ["alg": "none"])
        case .keyUnknown: return try TokenMinter.sign(claims, with: keys.active, header: ["kid": "nobody"])
        case .keyRetired: return try TokenMinter.sign(claims, with: keys.retired)
        case .signatureInvalid:
            let other = RingKey.generate(.es256, kid: "active", createdAt: SystemClock().now())
            return try TokenMinter.sign(claims, with: other)
        case .tokenExpired: claims["exp"] = .integer(now - 60)
        case .tokenNotYetValid: claims["nbf"] = .integer(now + 7200)
        case .clockSkew: claims["nbf"] = .integer(now + 120)
        case .tokenTooOld: claims["iat"] = .integer(now - 120)
        case .issuerUnknown: claims["iss"] = "https://other.example"
        case .audienceMismatch: claims["aud"] = "https://other.example/mcp"
        case .claimMissing: claims["sub"] = nil
        case .tokenRevoked: claims["sub"] = "mallory"
        default: return nil
        }
        return try TokenMinter.sign(claims, with: keys.active)
    }
}
