import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleCommands

@Suite("Keys and tokens from the command line")
struct KeysAndTokensTests {
    private let folder: TestFolder
    private var environment: [String: String] { ["VESTIBULE_DATA": folder.file("data")] }

    init() throws { folder = try TestFolder() }

    private func run(_ arguments: String..., input: String = "", clock: any WallClock = SystemClock()) async
        -> CapturedRun
    {
        await vestibule(arguments, input: input, environment: environment, clock: clock)
    }

    private func mint(_ arguments: String...) async throws -> String {
        let run = await vestibule(["token", "mint", "--subject", "ada"] + arguments, environment: environment)
        try #require(run.status == .success, "\(run.talk)")
        return run.output.trimmingASCIIWhitespace
    }

    @Test("without a ring, every command says how to get one")
    func noRing() async {
        for arguments in [
            ["keys", "list"], ["keys", "rotate"], ["keys", "jwks"], ["token", "mint", "--subject", "a"],
            ["token", "verify", "x"],
        ] {
            let run = await vestibule(arguments, environment: environment)
            #expect(run.status == .couldNotRun && run.talkLines.count == 1)
            #expect(run.talk.contains("no key ring in") && run.talk.contains("vestibule keys add"))
        }
    }

    @Test("add, rotate and retire move keys through their states")
    func life() async throws {
        #expect(await run("keys", "add").talk.contains("active"))
        #expect(
            await run("keys", "add", "--kid", "two", "--algorithm", "EdDSA").talk.contains("added two (EdDSA, next"))
        #expect(await run("keys", "rotate", "--now", "--overlap", "5m").talk.contains("now signing with two"))
        let list = try JSONParser().parse(await run("keys", "list", "--json").output)
        #expect(list.array?.map { $0["state"]?.string } == ["verifying", "active"])
        let kid = try #require(list.array?.first?["kid"]?.string)
        #expect(await run("keys", "retire", kid).status == .success)
        #expect(await run("keys", "list").output.contains("retired"))
        #expect(await run("keys", "retire", "two").talk.contains("`vestibule keys rotate --now`"))
        #expect(await run("keys", "retire", "nobody").talk.contains("the ring holds no key \"nobody\""))
        let jwks = try JSONParser().parse(await run("keys", "jwks").output)
        #expect(jwks["keys"]?.array?.map { $0["kid"] } == ["two"])
        #expect(jwks["keys"]?.array?.allSatisfy { $0["d"] == nil } == true)
        let fingerprint = await run("keys", "fingerprint").output.trimmingASCIIWhitespace
        #expect(fingerprint == list.array?.last?["fingerprint"]?.string)
        let shown = try JSONParser().parse(await run("keys", "fingerprint", "two", "--json").output)
        #expect(shown.array?.map { $0["fingerprint"]?.string } == [fingerprint] && shown.array?.first?["kid"] == "two")
    }

    @Test("a rotation says from when on the new key signs, and both keys and tokens follow the time")
    func scheduled() async throws {
        let clock = FakeClock()
        _ = await run("keys", "add", "--kid", "a", clock: clock)
        clock.advance(by: .seconds(60))
        let rotated = await run("keys", "rotate", "--overlap", "10m", clock: clock)
        #expect(rotated.status == .success && rotated.talkLines.count == 1)
        #expect(rotated.talk.hasPrefix("from 2023-11-14T22:19:21Z on signing with es256-"), "\(rotated.talk)")
        #expect(
            rotated.talk.contains(
                "in 5m1s, when every reader of the key set has seen it; a signs until then and verifies until "
                    + "2023-11-14T22:29:21Z"), "\(rotated.talk)")
        let listed = await run("keys", "list", clock: clock).output
        #expect(listed.contains("active until 2023-11-14T22:19:21Z"), "\(listed)")
        #expect(listed.contains("next, signs from 2023-11-14T22:19:21Z"))
        let again = await run("keys", "rotate", clock: clock)
        #expect(again.status == .couldNotRun && again.talk.contains("under way already"), "\(again.talk)")
        func signer() async throws -> String {
            let minted = await run("token", "mint", "--subject", "ada", "--json", clock: clock).output
            return try JSONParser().parse(minted)["kid"]?.string ?? ""
        }
        #expect(try await signer() == "a")
        clock.advance(by: .seconds(301))
        #expect(try await signer().hasPrefix("es256-"))
        let keys = try JSONParser().parse(await run("keys", "list", "--json", clock: clock).output)
        #expect(keys.array?.map { $0["state"] } == ["verifying", "active"])
        #expect(keys.array?.last?["active_since"] == "2023-11-14T22:19:21Z")
    }

    @Test("a rotation waits for as long as the configuration, or the server that ran last, lets readers keep the set")
    func waits() async throws {
        let clock = FakeClock()
        let file = try folder.write("keys: { jwksLifetime: 20m, overlap: 1h }\n", to: "v.yaml")
        _ = await run("keys", "add", clock: clock)
        let configured = await run("keys", "rotate", "--config", file, "--json", clock: clock)
        let key = try JSONParser().parse(configured.output)
        #expect(key["state"] == "next" && key["active_from"] == "2023-11-14T22:33:21Z")
        let kid = try #require(key["kid"]?.string)
        #expect(await run("keys", "retire", kid, clock: clock).status == .success)
        try DataDirectory(path: folder.file("data")).save(resource: "http://x/mcp", jwksLifetime: .seconds(30))
        let remembered = await run("keys", "rotate", clock: clock)
        #expect(remembered.talk.contains("in 31s, when every reader of the key set"), "\(remembered.talk)")
        #expect(await run("keys", "rotate", "--now", clock: clock).talk.contains("now signing with"))
        let secret = await run("keys", "rotate", "--algorithm", "HS256", clock: clock)
        #expect(secret.talk.contains("in 1s, when every server on this data directory"), "\(secret.talk)")
    }

    @Test("a key goes from one ring to another as a JWK or PEM, and signs there")
    func exchange() async throws {
        _ = await run("keys", "add", "--kid", "a")
        let other = folder.file("other")
        for (index, form) in [["--pem"], []].enumerated() {
            let text = await vestibule(["keys", "export", "a", "--private"] + form, environment: environment).output
            let path = try folder.write(text, to: "key-\(index)")
            let added = await vestibule("keys", "add", "--data", other, "--from", path, "--kid", "copy-\(index)")
            #expect(added.status == .success && added.talk.contains("added copy-\(index) (ES256"), "\(added.talk)")
        }
        let prints = await vestibule("keys", "fingerprint", "copy-0", "--thumbprint", "--data", other).output
        #expect(await run("keys", "fingerprint", "--thumbprint").output == prints && prints.utf8.count == 44)
        let open = try folder.write(await run("keys", "export", "a", "--private").output, to: "open", mode: 0o644)
        let refused = await run("keys", "add", "--from", open)
        #expect(refused.status == .couldNotRun && refused.talk.contains("chmod 600"), "\(refused.talk)")
        let mine = try folder.write(await run("keys", "export", "--pem").output, to: "public", mode: 0o644)
        let twice = await run("keys", "add", "--from", mine, "--kid", "public")
        #expect(twice.status == .success && twice.talk.contains("public (ES256, next"), "\(twice.talk)")
        #expect(await run("keys", "export", "public", "--private").talk.contains("no private half"))
        #expect(await run("keys", "export", "nobody").talk.contains("holds no key \"nobody\""))
        let nothing = await run("keys", "add", "--from", try folder.write("hello", to: "text"))
        #expect(nothing.status == .couldNotRun && nothing.talk.contains("neither a JWK"), "\(nothing.talk)")
    }

    @Test("the list says how old keys are, and when the active one is due to be replaced")
    func age() async throws {
        let clock = FakeClock()
        let file = try folder.write("keys: { rotateEvery: 30d }\n", to: "v.yaml")
        _ = await run("keys", "add", clock: clock)
        clock.advance(by: .seconds(29 * 86_400 + 3 * 3600 + 59))
        let listed = await run("keys", "list", "--config", file, clock: clock)
        #expect(listed.output.contains("  29d 3h  "), "\(listed.output)")
        #expect(listed.talk.contains("is due to be replaced at 2023-12-14T22:13:20Z\n"), "\(listed.talk)")
        clock.advance(by: .seconds(86_400))
        #expect(await run("keys", "list", "--config", file, clock: clock).talk.contains("which is past"))
        let keys = try JSONParser().parse(await run("keys", "list", "--json", "--config", file, clock: clock).output)
        #expect(keys.array?.first?["age_seconds"] == .integer(30 * 86_400 + 3 * 3600 + 59))
        #expect(keys.array?.first?["rotation_due"] == "2023-12-14T22:13:20Z")
        #expect(await run("keys", "list", clock: clock).talk == "", "without a schedule nothing is due")
    }

    @Test("a token, a subject and a key are revoked; verify says so, and a revocation can be taken back")
    func revocation() async throws {
        let clock = FakeClock()
        _ = await run("keys", "add", "--kid", "a", clock: clock)
        func mint(_ subject: String = "ada") async -> String {
            await run("token", "mint", "--subject", subject, clock: clock).output.trimmingASCIIWhitespace
        }
        let (first, second) = (await mint(), await mint())
        let revoked = await run("token", "revoke", "-", input: first + "\n", clock: clock)
        #expect(revoked.status == .success && revoked.talkLines.count == 1)
        #expect(revoked.talk.contains("kept until 2023-11-14T22:23:20Z"), "\(revoked.talk)")
        let refused = await run("token", "verify", first, "--json", clock: clock)
        let verdict = try JSONParser().parse(refused.output)
        #expect(refused.status == .refused && verdict["reason"] == "token_revoked" && verdict["remedy"] == "sign_in")
        #expect(await run("token", "verify", second, clock: clock).status == .success)

        clock.advance(by: .seconds(1))
        #expect(await run("token", "revoke", "--subject", "ada", clock: clock).status == .success)
        #expect(await run("token", "verify", second, clock: clock).talk.contains("token_revoked"))
        #expect(await run("token", "verify", await mint(), clock: clock).status == .success, "a new sign-in is good")
        let warned = await run("token", "revoke", "--kid", "a", clock: clock)
        #expect(warned.talk.contains("`vestibule keys rotate --now`"), "\(warned.talk)")
        #expect(await run("token", "verify", await mint("bob"), clock: clock).talk.contains("token_revoked"))

        let list = try JSONParser().parse(await run("token", "revocations", "list", "--json", clock: clock).output)
        #expect(list.array?.count == 3)
        #expect(await run("token", "revocations", "list", clock: clock).output.contains("for good"))
        #expect(await run("token", "revocations", "remove", "--kid", "a", clock: clock).status == .success)
        let again = await run("token", "revocations", "remove", "--kid", "a", clock: clock)
        #expect(again.status == .couldNotRun && again.talk.contains("token revocations list"), "\(again.talk)")
        #expect(await run("token", "verify", await mint("bob"), clock: clock).status == .success)
        clock.advance(by: .seconds(601))
        let rest = try JSONParser().parse(await run("token", "revocations", "list", "--json", clock: clock).output)
        #expect(rest.array?.map { $0["subject"] } == ["ada"], "the expired token is forgotten")
        let expired = await run("token", "revoke", first, clock: clock)
        #expect(expired.status == .success && expired.talk.contains("expired already"), "\(expired.talk)")
    }

    @Test("a subject's revocation is kept for as long as the configuration lets tokens be old")
    func revocationBound() async throws {
        let clock = FakeClock()
        let file = try folder.write("issuers: [{ name: own, maximumTokenAge: 10m }]\n", to: "v.yaml")
        let revoked = await run("token", "revoke", "--subject", "ada", "--config", file, "--json", clock: clock)
        #expect(try JSONParser().parse(revoked.output)["until"] == "2023-11-14T22:28:20Z", "\(revoked.talk)")
        let elsewhere = await run(
            "token", "revoke", "--jti", "x", "--issuer", "http://127.0.0.1:8080", "--config", file, "--json",
            clock: clock)
        #expect(try JSONParser().parse(elsewhere.output)["until"] == "2023-11-14T22:28:20Z", "\(elsewhere.talk)")
    }

    @Test(
        "what cannot be revoked is refused in one line",
        arguments: [
            (["--jti", "a", "--kid", "b"], "exactly one"), ([], "exactly one"), (["x"], "not a token"),
            (["--subject", ""], "1 to 1024"), (["x", "--issuer", "i"], "names its issuer itself"),
        ])
    func irrevocable(_ arguments: [String], complaint: String) async {
        let run = await vestibule(["token", "revoke"] + arguments, environment: environment)
        #expect(run.status == .couldNotRun && run.talk.contains(complaint), "\(run.talk)")
    }

    @Test("a shared secret is added from a private file; white space around it warns")
    func secret() async throws {
        let secret = String(repeating: "k7Q-", count: 9)
        let file = try folder.write(secret + "\n", to: "secret.txt")
        let added = await run("keys", "add", "--kid", "shared", "--secret-file", file)
        #expect(added.status == .success && added.talk.contains("warning") && added.talk.contains("white space"))
        #expect(!added.talk.contains(secret))
        let open = try folder.write(secret, to: "open.txt", mode: 0o644)
        let refused = await run("keys", "add", "--kid", "open", "--secret-file", open)
        #expect(refused.status == .couldNotRun && refused.talkLines.count == 1 && refused.talk.contains("open.txt"))
        let short = try folder.write(String(secret.prefix(31)), to: "short.txt")
        let tooShort = await run("keys", "add", "--kid", "short", "--secret-file", short)
        #expect(tooShort.status == .couldNotRun && tooShort.talk.contains("31 bytes"))
        let longer = await run("keys", "add", "--kid", "long", "--secret-file", short, "--algorithm", "HS512")
        #expect(longer.status == .couldNotRun && longer.talk.contains("HS512 needs 64"))
        let long = try folder.write(String(repeating: "k7Q-", count: 16), to: "long.txt")
        let held = await run("keys", "add", "--kid", "long", "--secret-file", long, "--algorithm", "hs512")
        #expect(held.talk.contains("added long (HS512, next"))
        let curve = await run("keys", "add", "--kid", "c", "--secret-file", long, "--algorithm", "ES512")
        #expect(curve.status == .couldNotRun && curve.talk.contains("HS256, HS384 or HS512"))
    }

    @Test("a key of every algorithm is made, signs and verifies", arguments: SigningAlgorithm.allCases)
    func algorithms(_ algorithm: SigningAlgorithm) async throws {
        let name = algorithm.rawValue
        #expect(await run("keys", "add", "--algorithm", name).talk.contains("(\(name), active"))
        let rotated = await run("keys", "rotate", "--now", "--algorithm", name.lowercased())
        #expect(rotated.status == .success, "\(rotated.talk)")
        let token = try await mint()
        let verified = await run("token", "verify", token)
        #expect(verified.status == .success, "\(verified.talk)")
        #expect(await run("token", "inspect", token).output.contains(name))
    }

    @Test("a minted token is accepted, explained without its signature, and refused once its key is retired")
    func token() async throws {
        _ = await run("keys", "add")
        let token = try await mint(
            "--bucket", "b", "--permission", "s3:GetObject", "--claim", "level=3", "--scope", "x")
        let verdict = await run("token", "verify", "-", "--json", input: token + "\n")
        #expect(verdict.status == .success, "\(verdict.talk)")
        let principal = try JSONParser().parse(verdict.output)
        #expect(principal["accepted"] == true && principal["principal"]?["subject"] == "ada")
        #expect(principal["principal"]?["buckets"] == ["b"] && principal["principal"]?["scope"] == ["x"])
        #expect(principal["principal"]?["issuer"] == "http://127.0.0.1:8080")
        let inspected = await run("token", "inspect", token)
        let signature = try #require(token.split(separator: ".").last)
        #expect(inspected.output.contains("http://127.0.0.1:8080/mcp") && inspected.output.contains("level"))
        #expect(!inspected.output.contains(signature))
        _ = await run("keys", "rotate", "--now")
        let refused = await run("token", "verify", token, "--json")
        #expect(refused.status == .refused && refused.talkLines.count == 1)
        let refusal = try JSONParser().parse(refused.output)
        #expect(refusal["accepted"] == false && refusal["reason"] == "key_retired" && refusal["remedy"] == "refresh")
    }

    @Test("inspect and list show a key whose overlap has ended as retired, as verify does")
    func overlapEnded() async throws {
        let clock = FakeClock()
        _ = await run("keys", "add", clock: clock)
        let token = await run("token", "mint", "--subject", "ada", "--ttl", "1h", clock: clock).output
        _ = await run("keys", "rotate", "--overlap", "5m", "--now", clock: clock)
        #expect(await run("token", "inspect", "-", input: token, clock: clock).output.contains(", verifying)"))
        clock.advance(by: .seconds(300))
        #expect(await run("token", "inspect", "-", input: token, clock: clock).output.contains(", retired)"))
        #expect(await run("keys", "list", clock: clock).output.contains("  retired "))
        let refused = await run("token", "verify", "-", input: token, clock: clock)
        #expect(refused.status == .refused && refused.talk.contains("key_retired"), "\(refused.talk)")
    }

    @Test("a token is verified by a key set, as of any time")
    func keySet() async throws {
        _ = await run("keys", "add")
        let token = try await mint("--issuer", "https://i", "--audience", "a")
        let jwks = try folder.write(await run("keys", "jwks").output, to: "jwks.json")
        let base = ["token", "verify", token, "--jwks", jwks, "--issuer", "https://i", "--audience"]
        #expect(await vestibule(base + ["a"]).status == .success)
        let wrong = await vestibule(base + ["other"])
        #expect(wrong.status == .refused && wrong.talk.contains("audience_mismatch"))
        let late = await vestibule(base + ["a", "--now", "4102444800"])
        #expect(late.status == .refused && late.talk.contains("token_expired"))
    }

    @Test("a shared secret is rotated under its kid in the configuration: overlap, then the old token is named")
    func sharedRotation() async throws {
        func secret() -> String {
            String((0..<40).map { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
        }
        let (old, new) = (secret(), secret())
        try folder.write(old, to: "old.txt")
        try folder.write(new, to: "new.txt")
        func configuration(_ second: String, to name: String) throws -> String {
            let secrets = "{ kid: k, file: new.txt }, { kid: k, file: old.txt, \(second) }"
            return try folder.write(
                "data: data\nissuers: [{ issuer: web, audience: mcp, secrets: [\(secrets)] }]\n", to: name)
        }
        let overlap = try configuration("state: verifying, until: 2999-01-01T00:00:00Z", to: "overlap.yaml")
        let after = try configuration("state: retired, at: 2026-07-28T14:02:00Z", to: "after.yaml")
        func token(_ secret: String) async throws -> String {
            let signer = try TestFolder()
            let file = try signer.write(secret, to: "signer.txt")
            _ = await vestibule("keys", "add", "--data", signer.path, "--kid", "k", "--secret-file", file)
            return await vestibule(
                "token", "mint", "--data", signer.path, "--subject", "ada", "--issuer", "web", "--audience", "mcp"
            )
            .output.trimmingASCIIWhitespace
        }
        let (oldToken, newToken) = (try await token(old), try await token(new))
        #expect(await vestibule("config", "check", overlap).status == .success)
        for token in [oldToken, newToken] {
            #expect(await vestibule("token", "verify", token, "--config", overlap).status == .success)
        }
        let refused = await vestibule("token", "verify", oldToken, "--config", after)
        #expect(refused.status == .refused && refused.talk.contains("key_retired"), "\(refused.talk)")
        #expect(refused.talk.contains("retired at 2026-07-28T14:02:00Z"))
        #expect(await vestibule("token", "verify", newToken, "--config", after).status == .success)
        let withNewline = await vestibule("token", "verify", try await token(new + "\n"), "--config", after)
        #expect(withNewline.talk.contains("signature_invalid") && withNewline.talk.contains("trailing newline"))
        let inspected = await vestibule("token", "inspect", oldToken, "--config", after)
        #expect(inspected.status == .success && !inspected.talk.contains("in no key ring"), "\(inspected.talk)")
    }

    @Test("verify and inspect show what a configuration's mapping makes of a token, and why it grants no more")
    func mapping() async throws {
        let configuration = try folder.write(
            """
            publicURL: https://m/mcp
            data: data
            issuers:
              - name: own
                requiredClaims: { team: [lab] }
                claims:
                  permissions: rights.all
                  roles: realm.roles
                  bucketsByRole: { editor: [reports, "team-{team}", "home-{email}"] }
            """, to: "mapped.yaml")
        func run(_ arguments: String...) async -> CapturedRun {
            await vestibule(["token"] + arguments + ["--config", configuration])
        }
        _ = await vestibule("keys", "add", "--config", configuration)
        let token = await run(
            "mint", "--subject", "ada", "--bucket", "payroll", "--claim", #"team="lab""#, "--claim", #"email="a@b.c""#,
            "--claim", #"realm={"roles":["editor"]}"#, "--claim", #"rights={"all":{"x":1}}"#
        )
        .output.trimmingASCIIWhitespace
        let due = [
            "scope        none (no scope)", "permissions  none (rights.all is neither text nor list, but object)",
            "roles        editor (realm.roles)", "buckets      reports, team-lab (bucketsByRole)",
            #"bucketsByRole.editor: "home-{email}" opens no bucket"#,
        ]
        let verified = await run("verify", token)
        let inspected = await run("inspect", token)
        for line in due {
            #expect(verified.output.contains("  \(line)"), "\(verified)")
            #expect(inspected.output.contains("  \(line)"), "\(inspected)")
        }
        #expect(inspected.output.contains("subject      ada (sub)"))
        let json = try JSONParser().parse(await run("verify", token, "--json").output)
        #expect(json["principal"]?["buckets"] == ["reports", "team-lab"] && json["principal"]?["permissions"] == [])
        let mapped = try JSONParser().parse(await run("inspect", token, "--json").output)["mapped"]
        #expect(mapped?["roles"] == ["editor"] && mapped?["subject"] == "ada")
        let other = await run("mint", "--subject", "ada", "--claim", #"team="sales""#).output.trimmingASCIIWhitespace
        let refused = await run("verify", other)
        #expect(refused.status == .refused && refused.talk.contains("claim_missing: the token's team is not what"))
        #expect(!refused.talk.contains("sales") && !refused.talk.contains("lab"))
        #expect(await vestibule("config", "check", configuration).status == .success)
    }

    @Test("what cannot be minted is refused in one line")
    func unmintable() async {
        _ = await run("keys", "add")
        for (arguments, expected) in [
            (["--claim", "level"], "expected NAME=JSON"), (["--claim", "level=abc"], "a text needs quotes"),
            (["--claim", "sub=\"x\""], "option of its own"), (["--key", "nobody"], "holds no key \"nobody\""),
            (["--ttl", "0s"], "time to live"),
        ] {
            let run = await vestibule(["token", "mint", "--subject", "a"] + arguments, environment: environment)
            #expect(
                run.status == .couldNotRun && run.talkLines.count == 1 && run.talk.contains(expected), "\(run.talk)")
        }
        let nothing = await run("token", "inspect", "undefined")
        #expect(nothing.status == .refused && nothing.talk.contains("not a token"))
    }
}
