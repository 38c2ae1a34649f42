import Testing
import VestibuleProtocol

@Suite("Reasons and remedies")
struct ReasonTests {
    /// The table of reasons as clients, logs and documentation know it. Its strings may never change.
    static let table: [(reason: String, status: Int, oauthError: String?, remedy: String)] = [
        ("token_missing", 401, nil, "sign_in"),
        ("token_malformed", 401, "invalid_token", "refresh"),
        ("algorithm_not_allowed", 401, "invalid_token", "refresh"),
        ("key_unknown", 401, "invalid_token", "refresh"),
        ("key_retired", 401, "invalid_token", "refresh"),
        ("signature_invalid", 401, "invalid_token", "refresh"),
        ("token_expired", 401, "invalid_token", "refresh"),
        ("token_not_yet_valid", 401, "invalid_token", "refresh"),
        ("token_too_old", 401, "invalid_token", "refresh"),
        ("clock_skew", 401, "invalid_token", "fix_clock"),
        ("issuer_unknown", 401, "invalid_token", "sign_in"),
        ("audience_mismatch", 401, "invalid_token", "sign_in"),
        ("claim_missing", 401, "invalid_token", "sign_in"),
        ("token_revoked", 401, "invalid_token", "sign_in"),
        ("scope_insufficient", 403, "insufficient_scope", "request_scope"),
        ("tool_forbidden", 403, nil, "none"),
        ("argument_forbidden", 403, nil, "none"),
        ("session_unknown", 404, nil, "reinitialize"),
        ("session_subject_mismatch", 404, nil, "reinitialize"),
        ("origin_forbidden", 403, nil, "none"),
        ("host_forbidden", 403, nil, "none"),
        ("rate_limited", 429, nil, "wait"),
        ("issuer_unavailable", 503, nil, "wait"),
    ]

    @Test("the table is complete, and every reason stands in it as it was published")
    func complete() throws {
        #expect(Self.table.count == 23)
        #expect(Self.table.map(\.reason) == Reason.allCases.map(\.rawValue))
        #expect(Set(Self.table.map(\.remedy)) == Set(Remedy.allCases.map(\.rawValue)))
        for row in Self.table {
            let reason = try #require(Reason(rawValue: row.reason))
            #expect(reason.status == row.status, "\(row.reason)")
            #expect(reason.oauthError == row.oauthError, "\(row.reason)")
            #expect(reason.remedy.rawValue == row.remedy, "\(row.reason)")
            #expect(reason.isFinalDenial == ["tool_forbidden", "argument_forbidden"].contains(row.reason))
        }
    }

    @Test("a refusal is written for programs and read back", arguments: Reason.allCases)
    func data(_ reason: Reason) {
        let rejection = Rejection(reason, "what was wrong")
        let data = rejection.data(requestID: "r1")
        #expect(
            JSONValue.object(data).description
                == "{\"reason\":\"\(reason.rawValue)\",\"remedy\":\"\(reason.remedy.rawValue)\","
                + "\"detail\":\"what was wrong\",\"requestId\":\"r1\"}")
        #expect(Rejection(data: data) == rejection)
        #expect(rejection.data()["requestId"] == nil)
        #expect(rejection.description == "\(reason.rawValue): what was wrong")
    }

    @Test("the word of another party is shown on one line of bounded length")
    func oneLine() {
        let data: JSONObject = ["reason": "key_retired", "detail": "a\r\nb\u{1B}[2Jc\u{202E}d\u{2028}e é"]
        #expect(Rejection(data: data)?.detail == "a  b [2Jc d e é")
        #expect("abc".onOneLine(limit: 3) == "abc")
        #expect("abcd".onOneLine(limit: 3) == "abc…")
        #expect("a".onOneLine(limit: -1) == "…")
        #expect("".onOneLine(limit: 0) == "")
    }

    @Test("data of somebody else is no refusal of ours")
    func foreign() {
        #expect(Rejection(data: [:]) == nil)
        #expect(Rejection(data: ["reason": "no_such_reason"]) == nil)
        #expect(Rejection(data: ["reason": 1]) == nil)
    }
}
