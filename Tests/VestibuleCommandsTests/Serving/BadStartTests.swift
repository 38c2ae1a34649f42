import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleCommands

@Suite("Bad starts of vestibule serve")
struct BadStartTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func serve(_ arguments: String...) async -> CapturedRun {
        await vestibule(["serve", "--port", "0"] + arguments)
    }

    private func expectRefusal(_ run: CapturedRun, _ expected: String) {
        #expect(run.status == .couldNotRun)
        #expect(run.talkLines.filter { !$0.contains("warning: ") }.count == 1, "\(run.talk)")
        #expect(run.talk.contains(expected), "\(run.talk)")
    }

    private func configure(_ secrets: String) throws -> String {
        try folder.write(
            "data: data\nissuers: [{ issuer: web, audience: mcp, secrets: [\(secrets)] }]\n", to: "v.yaml")
    }

    @Test("a key file that others may read")
    func openKeyFile() async throws {
        _ = await vestibule("keys", "add", "--data", folder.file("data"))
        try folder.write(folder.read("data/keys.json"), to: "data/keys.json", mode: 0o644)
        expectRefusal(await serve("--data", folder.file("data")), "keys.json")
    }

    @Test("a ring without a key that verifies, and one that is damaged")
    func noKey() async throws {
        _ = await vestibule("keys", "add", "--data", folder.file("data"))
        try folder.write(#"{"format":"vestibule key ring","version":1,"keys":[]}"#, to: "data/keys.json")
        expectRefusal(await serve("--data", folder.file("data")), "holds no key that verifies")
        try folder.write("{", to: "data/keys.json")
        expectRefusal(await serve("--data", folder.file("data")), "damaged")
    }

    @Test("a secret of 31 bytes, a known sample, a missing file, one that others may read")
    func secrets() async throws {
        let config = try configure("{ kid: k, file: secret.txt }")
        expectRefusal(await serve("--config", config), "secret.txt")
        let random = String((0..<40).map { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
        try folder.write(String(random.prefix(31)), to: "secret.txt")
        expectRefusal(await serve("--config", config), "31 bytes")
        try folder.write("your-256-bit-secret", to: "secret.txt")
        expectRefusal(await serve("--config", config), "known sample")
        try folder.write(random, to: "secret.txt", mode: 0o640)
        expectRefusal(await serve("--config", config), "secret.txt")
    }

    @Test("a secret with a trailing newline starts, and warns")
    func newline() async throws {
        let random = String((0..<40).map { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
        try folder.write(random + "\n", to: "secret.txt")
        let config = try configure("{ kid: k, file: secret.txt }")
        try await RunningServer.run(["--port", "0", "--config", config]) { server in
            #expect(server.talk.text.contains("warning: ") && server.talk.text.contains("white space"))
            #expect(!server.talk.text.contains(random))
        }
    }

    @Test("a client's secret at the identity provider that is missing, empty, or readable by others")
    func clientSecret() async throws {
        let config = try folder.write(
            """
            data: data
            signIn:
              oidc:
                issuer: https://idp.example.com
                clientID: vestibule
                clientSecretFile: client.txt

            """, to: "v.yaml")
        let secret = String((0..<40).map { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
        for (content, mode, expected) in [
            (nil, 0o600, "put the client's secret there"), ("", 0o600, "is empty"), ("\n", 0o600, "is empty"),
            (secret, 0o644, "chmod 600"),
        ] as [(String?, Int, String)] {
            if let content { try folder.write(content, to: "client.txt", mode: mode) }
            for run in [await serve("--config", config), await vestibule("config", "check", config)] {
                expectRefusal(run, expected)
                #expect(run.talk.contains("v.yaml:6:") && run.talk.contains("signIn.oidc.clientSecretFile: "))
                #expect(!run.talk.contains(secret))
            }
        }
        try folder.write(secret + "\n", to: "client.txt")
        #expect(await vestibule("config", "check", config).status == .success)
    }

    @Test("a configuration with errors: all of them, each with its line")
    func configuration() async throws {
        let config = try folder.write("endpont: /x\naccess: { rules: [{ tools: [nope] }] }\n", to: "v.yaml")
        let run = await serve("--config", config)
        #expect(run.status == .couldNotRun && run.talkLines.count == 2)
        #expect(run.talk.contains("v.yaml:1:1: unknown key `endpont`; did you mean `endpoint`?"))
        #expect(run.talk.contains("v.yaml:2:29: access.rules[0].tools: no tool matches `nope`"))
    }

    @Test("a data directory that is a file, lies in one, or cannot hold anything")
    func dataDirectory() async throws {
        let file = try folder.write("", to: "file")
        expectRefusal(await serve("--data", file), "is a file")
        expectRefusal(await serve("--data", file + "/below"), "is a file")
        // A disk that is full in the way that matters: nothing can be written to it.
        expectRefusal(await serve("--data", "/proc/vestibule"), "cannot create the data directory /proc/vestibule")
        expectRefusal(await serve("--data", "/proc/self"), "cannot write to the data directory /proc/self")
    }

    @Test("a data directory that others may write to starts, and warns")
    func openDirectory() async throws {
        let data = folder.file("data")
        _ = await vestibule("keys", "add", "--data", data)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: data)
        try await RunningServer.run(["--port", "0", "--data", data]) { server in
            #expect(server.talk.text.contains("warning: the data directory") && server.talk.text.contains("chmod 700"))
        }
    }

    @Test("a port that is in use, and an address that is none of ours")
    func port() async throws {
        let data = folder.file("data")
        let other = folder.file("other")
        try await RunningServer.run(["--port", "0", "--data", data]) { server in
            let port = server.url.split(separator: ":").last?.split(separator: "/").first.map(String.init) ?? ""
            let run = await vestibule("serve", "--port", port, "--data", other)
            #expect(run.status == .couldNotRun && run.talkLines.count == 1)
            #expect(run.talk.contains("port \(port) of 127.0.0.1 is in use") && run.talk.contains("--port"))
        }
        expectRefusal(await serve("--data", data, "--host", "192.0.2.1"), "192.0.2.1")
    }

    @Test("buckets in a folder that is not there")
    func buckets() async throws {
        let config = try folder.write("data: data\nbuckets: { folder: nowhere }\n", to: "v.yaml")
        expectRefusal(await serve("--config", config), "nowhere is not a folder")
    }
}
