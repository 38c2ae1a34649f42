import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Rules decide what a verified principal may call")
struct RuleTests {
    private let principal = Principal(
        issuer: "i", subject: "ada", scope: ["read"], permissions: ["s3:ListBucket"], roles: ["reader"],
        buckets: ["demo-bucket", "caf\u{E9}"],
        claims: ["teams": ["red"], "realm": ["names": ["x", "y"]], "https://a.b/c": "z", "n": 1],
        expiration: Fixture.now)

    private func refusal(
        _ rules: [Rule], tool: String = "list", arguments: String? = nil, denials: AccessPolicy.Denials = .inBand
    ) -> (rejection: Rejection, inBand: Bool)? {
        let gate = Gate(policy: AccessPolicy(denials: denials, publicTools: ["open"]), rules: RuleSet(rules))
        let request = AdmissionRequest(
            phase: .operation, method: "tools/call", tool: tool, arguments: arguments.map { Array($0.utf8)[...] },
            credential: .verified(principal))
        guard case .refuse(let rejection, let inBand) = gate.admit(request) else { return nil }
        return (rejection, inBand)
    }

    private let bucketRule = Rule(
        tools: ["list"],
        arguments: [
            ArgumentCondition(argument: "bucket", form: .bucket, allowed: .claim("buckets")),
            ArgumentCondition(argument: "s3_uri", form: .bucket, allowed: .claim("buckets")),
        ])

    /// requirement: E-25
    @Test("without rules everything is allowed; with any, an unlisted tool is forbidden")
    func unlisted() {
        #expect(refusal([]) == nil)
        let refused = refusal([Rule(tools: ["other*"])])
        #expect(refused?.rejection.reason == .toolForbidden)
        #expect(refused?.rejection.detail == "no rule allows list")
        #expect(refusal([Rule(tools: ["other*"])], tool: "open") == nil, "a public tool needs no rule")
    }

    @Test(
        "what is missing is named, and decides the reason and the way it is told",
        arguments: [
            (
                Rule(tools: ["*"], permissions: ["s3:ListBucket", "s3:GetObject"]), Reason.toolForbidden,
                "permission s3:GetObject"
            ),
            (Rule(tools: ["*"], roles: ["admin"]), .toolForbidden, "the role admin"),
            (Rule(tools: ["*"], scope: ["read", "write"]), .scopeInsufficient, "the scope write"),
            (Rule(tools: ["*"], scope: ["READ"]), .scopeInsufficient, "the scope READ"),
        ])
    func missing(_ rule: Rule, reason: Reason, says: String) throws {
        let refused = try #require(refusal([rule]))
        #expect(refused.rejection.reason == reason)
        #expect(refused.rejection.detail.contains(says))
        #expect(refused.inBand == (reason == .toolForbidden), "what a new token can change is always HTTP")
        #expect(refusal([rule], denials: .http)?.inBand == false)
        #expect(refused.rejection.requiredScope == rule.scope)
    }

    @Test("a rule that is satisfied allows, whatever the others say")
    func alternatives() {
        let strict = Rule(tools: ["list"], roles: ["admin"])
        #expect(refusal([strict, Rule(tools: ["l*"], permissions: ["s3:ListBucket"])]) == nil)
        #expect(refusal([strict]) != nil)
    }

    @Test("the refusal that came nearest is told: an argument before a scope, a scope before a right")
    func nearest() {
        let right = Rule(tools: ["list"], roles: ["admin"])
        let scope = Rule(tools: ["list"], scope: ["write"])
        let arguments = #"{"bucket":"payroll"}"#
        for rules in [[right, scope, bucketRule], [bucketRule, scope, right], [scope, bucketRule, right]] {
            #expect(refusal(rules, arguments: arguments)?.rejection.reason == .argumentForbidden)
        }
        for rules in [[right, scope], [scope, right]] {
            #expect(refusal(rules)?.rejection.reason == .scopeInsufficient)
        }
        let second = Rule(tools: ["list"], roles: ["owner"])
        #expect(refusal([right, second])?.rejection.detail.contains("admin") == true, "among equals the first")
    }

    @Test(
        "a bucket is judged by its name, however it is written",
        arguments: [
            #"{"bucket":"demo-bucket"}"#, #"{"bucket":"s3://demo-bucket"}"#, #"{"bucket":"s3://demo-bucket/"}"#,
            #"{"bucket":"S3://demo-bucket/a/b?versionId=1"}"#, #"{"s3_uri":"s3://demo-bucket/key"}"#,
            #"{"bucket":"demo\u002dbucket"}"#, #"{"\u0062ucket":"demo-bucket"}"#, "{\"bucket\":\"caf\u{E9}\"}", "{}",
            #"{"bucket":null}"#, #"{"prefix":"payroll"}"#,
        ])
    func allowed(_ arguments: String) {
        #expect(refusal([bucketRule], arguments: arguments) == nil)
    }

    @Test(
        "what is not allowed, or cannot be judged, is refused by the name of the argument",
        arguments: [
            (#"{"bucket":"payroll"}"#, #"bucket asks for "payroll"; allowed to this principal: demo-bucket, café"#),
            (#"{"bucket":"s3://payroll/demo-bucket"}"#, #"asks for "payroll""#),
            (#"{"s3_uri":"s3://payroll/x"}"#, "s3_uri asks for"), (#"{"bucket":"Demo-Bucket"}"#, "asks for"),
            ("{\"bucket\":\"cafe\u{301}\"}", "asks for"), (#"{"bucket":"demo-bucket "}"#, "names no bucket"),
            (#"{"bucket":""}"#, "names no bucket"), (#"{"bucket":"demo-bucket/../payroll"}"#, "names no bucket"),
            (#"{"bucket":"https://demo-bucket"}"#, "names no bucket"),
            (#"{"bucket":"s3://demo%2dbucket"}"#, "names no bucket"),
            (#"{"bucket":["demo-bucket"]}"#, "a value of type array"), (#"{"bucket":1}"#, "a value of type number"),
            (#"{"bucket":{"name":"demo-bucket"}}"#, "a value of type object"),
            (#"{"bucket":"demo-bucket","bucket":"payroll"}"#, "occurs twice"),
            (#"{"bucket":"demo-bucket","\u0062ucket":"payroll"}"#, "occurs twice"),
            (#"["payroll"]"#, "not an object"), ("null", "not an object"), (#"{"bucket":"#, "cannot be judged"),
            (#"{"bucket":"demo-bucket","s3_uri":"s3://payroll/x"}"#, "s3_uri asks for"),
            (#"{"bucket":"x\ny"}"#, "x\\u{a}y"),
        ])
    func forbidden(_ arguments: String, says: String) throws {
        let refused = try #require(refusal([bucketRule], arguments: arguments))
        #expect(refused.rejection.reason == .argumentForbidden)
        #expect(refused.rejection.detail.contains(says), "\(refused.rejection.detail)")
        #expect(refused.inBand)
        #expect(refusal([bucketRule], arguments: arguments, denials: .http)?.inBand == false)
    }

    @Test(
        "a claim is found by its name or by its path",
        arguments: [
            ("teams", "red", true), ("realm.names", "y", true), ("https://a.b/c", "z", true), ("scope", "read", true),
            ("permissions", "s3:ListBucket", true), ("roles", "reader", true), ("teams", "blue", false),
            ("realm", "names", false), ("n", "1", false), ("nothing", "", false), ("", "", false), ("..", "", false),
        ])
    func claimPaths(_ path: String, value: String, isAllowed: Bool) {
        let rule = Rule(tools: ["*"], arguments: [ArgumentCondition(argument: "a", allowed: .claim(path))])
        let arguments = JSONValue.object(["a": .string(value)]).description
        #expect((refusal([rule], arguments: arguments) == nil) == isAllowed)
    }

    @Test("a long list of allowed values is cut short")
    func longList() throws {
        let values = (1...30).map { "b\($0)" }
        let rule = Rule(tools: ["*"], arguments: [ArgumentCondition(argument: "a", allowed: .values(values))])
        #expect(refusal([rule], arguments: #"{"a":"b30"}"#) == nil)
        let detail = try #require(refusal([rule], arguments: #"{"a":"b31"}"#)).rejection.detail
        #expect(detail.hasSuffix("b20 and 10 more"))
    }

    @Test("the catalogue shows what the principal may call, or could with a wider scope")
    func catalogue() {
        let gate = Gate(
            policy: AccessPolicy(publicTools: ["open"]),
            rules: RuleSet([
                Rule(tools: ["scoped"], scope: ["write"]), Rule(tools: ["admin"], roles: ["admin"]),
                Rule(tools: ["both"], roles: ["admin"]), Rule(tools: ["both"], permissions: ["s3:ListBucket"]),
            ]))
        let shown = ["open", "scoped", "admin", "both", "unlisted"].filter { gate.shows($0, to: principal) }
        #expect(shown == ["open", "scoped", "both"])
        #expect(Gate().shows("anything", to: principal))
    }

    @Test("rules that were looked up beforehand decide as before, for tools that were and that were not named")
    func prepared() {
        let rules =
            (0..<40)
            .map { Rule(tools: [Glob($0.isMultiple(of: 3) ? "tool-\($0)*" : "tool-\($0)")], roles: ["role-\($0 % 4)"]) }
            + [Rule(tools: ["*-7"], permissions: ["s3:ListBucket"])]
        let plain = RuleSet(rules)
        var prepared = plain
        let tools = (0..<60).map { "tool-\($0)" }
        prepared.prepare(for: tools.prefix(50))
        #expect(prepared == plain && prepared.isPrepared(for: "tool-49") && !prepared.isPrepared(for: "tool-50"))
        for tool in tools + ["other", ""] {
            let refusals = [plain, prepared].map { $0.refusal(of: tool, arguments: nil, to: principal) }
            #expect(refusals[0] == refusals[1], "\(tool)")
            #expect(plain.mightAllow(tool, to: principal) == prepared.mightAllow(tool, to: principal))
            #expect(plain.scope(for: tool) == prepared.scope(for: tool))
        }
        prepared.rules = [Rule(tools: ["other"])]
        #expect(prepared.refusal(of: "tool-7", arguments: nil, to: principal) != nil, "new rules are looked up anew")
    }
}
