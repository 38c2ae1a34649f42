import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleCommands

@Suite("The command line")
struct CommandLineTests {
    static let commands: [[String]] = [
        ["serve"], ["demo"], ["keys"], ["keys", "list"], ["keys", "add"], ["keys", "rotate"], ["keys", "retire"],
        ["keys", "fingerprint"], ["keys", "jwks"], ["token"], ["token", "mint"], ["token", "inspect"],
        ["token", "verify"], ["token", "revoke"], ["token", "revocations", "list"], ["token", "revocations", "remove"],
        ["keys", "export"], ["tools"], ["call"], ["config"], ["config", "check"], ["config", "print"],
        ["config", "schema"],
    ]

    @Test("every command has help with an example, on standard output", arguments: commands)
    func help(command: [String]) async {
        let run = await vestibule(command + ["--help"])
        #expect(run.status == .success && run.talk.isEmpty)
        #expect(run.output.contains("Example: vestibule \(command[0])"))
    }

    @Test("the root shows its commands, without the ones that come later")
    func root() async {
        let run = await vestibule()
        #expect(run.status == .success && run.output.contains("serve") && run.output.contains("demo"))
        #expect(!run.output.contains("doctor"))
        #expect(await vestibule("--version").output == "\(VestibuleVersion.text)\n")
    }

    @Test(
        "a wrong usage is one line on standard error that names the help, and exit code 2",
        arguments: [
            (["keys", "rotat"], "see `vestibule help keys`"), (["serve", "--prot", "1"], "--prot"),
            (["serve", "--port", "70000"], "--port has to be from 0 to 65535"),
            (["serve", "--log-format", "xml"], "text or json"), (["token", "mint"], "--subject"),
            (["keys", "rotate", "--overlap", "soon"], "expected a duration such as 30s, 5m or 1h"),
            (["keys", "rotate", "--overlap", "4000d"], "--overlap: expected at most 3650d"),
            (["token", "mint", "--subject", "a", "--ttl", "5"], "did you mean 5s?"),
            (["keys", "add", "--kid", ""], "--kid: expected a name"),
            (["tools", "ftp://x"], "is not a URL that starts with http"),
            (["call", "http://127.0.0.1:1/mcp", "echo", "--token", "a", "--token-file", "b"], "give one of --token"),
            (["call", "http://127.0.0.1:1/mcp", "echo", "--token", "a", "--no-browser"], "nobody signs in"),
            (["call", "http://127.0.0.1:1/mcp", "echo", "--client-secret-file", "f"], "needs --client-id"),
            (["tools", "http://127.0.0.1:1/mcp", "--redirect-port", "70000"], "between 1 and 65535"),
            (["tools", "http://127.0.0.1:1/mcp", "--sign-in-timeout", "2h"], "less than 1h"),
            (["token", "verify", "x", "--jwks", "f"], "--jwks needs --issuer and --audience"),
            (["demo", "sideways"], "sideways"),
        ])
    func usage(arguments: [String], expected: String) async {
        let run = await vestibule(arguments)
        #expect(run.status == .couldNotRun)
        #expect(run.output.isEmpty)
        #expect(run.talkLines.count == 1 && run.talk.contains("help"), "\(run.talk)")
        #expect(run.talk.contains(expected) || expected.hasPrefix("see"), "\(run.talk)")
    }

    @Test("config check: ok, or every problem with its line and exit code 2")
    func check() async throws {
        let folder = try TestFolder()
        let good = try folder.write("listen: { port: 9000 }\n", to: "good.yaml")
        let bad = try folder.write("listen: { prot: 1 }\nendpoint: x\n", to: "bad.yaml")
        let ok = await vestibule("config", "check", good)
        #expect(ok.status == .success && ok.output == "\(good): ok\n" && ok.talk.isEmpty)
        let refused = await vestibule("config", "check", bad)
        #expect(refused.status == .couldNotRun && refused.output.isEmpty)
        #expect(refused.talkLines.map { $0.hasPrefix("\(bad):") } == [true, true])
        let json = try JSONParser().parse(await vestibule("config", "check", "--json", bad).output)
        #expect(json.array?.map { $0["line"]?.integer } == [1, 2])
        let missing = await vestibule("config", "check", folder.file("none.yaml"))
        #expect(missing.status == .couldNotRun && missing.talk.contains("no such file"))
    }

    @Test("config check looks at the files that are named, as the start would, and points at the line")
    func checkFiles() async throws {
        let folder = try TestFolder()
        let issuer = """
            issuers:
              - issuer: web
                audience: mcp
                secrets: [{ kid: k, file: secret.txt }]

            """
        let config = try folder.write(issuer + "buckets: { folder: nowhere }\n", to: "v.yaml")
        let missing = await vestibule("config", "check", config)
        #expect(missing.status == .couldNotRun && missing.output.isEmpty)
        #expect(missing.talkLines.count == 2, "\(missing.talk)")
        #expect(missing.talk.contains("v.yaml:4:31: cannot open") && missing.talk.contains("or mend the path"))
        #expect(missing.talk.contains("v.yaml:5:20: buckets.folder: ") && missing.talk.contains("is not a folder"))
        let serve = await vestibule("serve", "--port", "0", "--data", folder.file("data"), "--config", config)
        #expect(serve.status == .couldNotRun && serve.talkLines.count == 1 && serve.talk.contains("v.yaml:4:31: "))
        try folder.write(String(repeating: "k7Q-", count: 9) + "\n", to: "secret.txt")
        try folder.write(issuer + "buckets: { folder: . }\n", to: "v.yaml")
        let fine = await vestibule("config", "check", config)
        #expect(fine.status == .success && fine.talkLines.count == 1, "\(fine.talk)")
        #expect(fine.talk.contains("v.yaml:4:31: warning: ") && fine.talk.contains("white space"))
    }

    @Test("a claim that is nearly one of the usual ones is asked about, and allowed")
    func nearClaim() async throws {
        let folder = try TestFolder()
        func check(_ claim: String) async throws -> CapturedRun {
            let rule = "{ tools: [bucket_objects_list], require: { arguments: { bucket: { in: claims.\(claim) } } } }"
            return await vestibule(
                "config", "check", try folder.write("access: { rules: [\(rule)] }\n", to: "v.yaml"))
        }
        let typo = try await check("bucket")
        #expect(typo.status == .success && typo.talk.contains("did you mean claims.buckets?"), "\(typo.talk)")
        #expect(try await check("buckets").talk.isEmpty)
        #expect(try await check("department").talk.isEmpty)
    }

    @Test("config print shows every default and the data directory that is really used")
    func print() async throws {
        let run = await vestibule("config", "print", environment: ["VESTIBULE_DATA": "/elsewhere"])
        #expect(run.status == .success && run.output.contains("data: /elsewhere\n"))
        #expect(run.output.contains("listen: { host: 127.0.0.1, port: 8080 }"))
        let json = try JSONParser().parse(await vestibule("config", "print", "--json").output)
        #expect(json["limits"]?["body"] == "4MiB")
    }

    @Test("config schema is JSON; --markdown is the reference page of docs/configuration.md")
    func schema() async throws {
        let schema = try JSONParser().parse(await vestibule("config", "schema").output)
        #expect(schema["properties"]?["listen"]?["properties"]?["port"]?["maximum"]?.integer == 65_535)
        let page = await vestibule("config", "schema", "--markdown").output
        for path in SettingsTable.allPaths { #expect(page.contains("| `\(path)` |"), "\(path)") }
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).dropFirst().joined(separator: "/")
        let committed = try String(contentsOfFile: "/\(root)/docs/configuration.md", encoding: .utf8)
        #expect(committed == page, "run: vestibule config schema --markdown > docs/configuration.md")
    }
}
