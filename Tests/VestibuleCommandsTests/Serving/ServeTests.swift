import Foundation
import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleWeb

@testable import VestibuleCommands

@Suite("vestibule serve")
struct ServeTests {
    private let folder: TestFolder
    private var data: String { folder.file("data") }

    init() throws { folder = try TestFolder() }

    @Test("on an empty data directory, makes keys and buckets, and the three printed commands do what they say")
    func printedCommands() async throws {
        let data = data
        let folder = folder
        let status = try await RunningServer.run(["--port", "0", "--data", data]) { server in
            let commands = server.printedCommands
            try #require(commands.count == 3)
            let first = shellWords(commands[0])
            let arrow = try #require(first.firstIndex(of: ">"))
            let and = try #require(first.firstIndex(of: "&&"))
            let mint = await vestibule(Array(first[1..<arrow]))
            #expect(mint.status == .success, "\(mint.talk)")
            try folder.write(mint.output, to: "data/ada.token")
            #expect(first[arrow + 1] == "\(data)/ada.token")
            let tools = await vestibule(Array(first[(and + 2)...]))
            #expect(tools.status == .success && tools.output.contains("bucket_objects_list"), "\(tools.talk)")
            #expect(!tools.output.contains("bucket_objects_put"), "the sample user may not write")
            let list = await vestibule(Array(shellWords(commands[1]).dropFirst()))
            #expect(list.status == .success && list.output.contains("s3://demo-bucket/"), "\(list.talk)")
            let refused = await vestibule(Array(shellWords(commands[2]).dropFirst()))
            #expect(refused.status == .refused && refused.talkLines.count == 1)
            #expect(refused.talk.contains("argument_forbidden") && refused.talk.contains("\"payroll\""))
            #expect(refused.talk.contains("demo-bucket"), "it names what is allowed")
        }
        #expect(status == .success)
        let attributes = try FileManager.default.attributesOfItem(atPath: data)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test("a rotation is picked up while it runs, and the refusal names the retired key")
    func rotation() async throws {
        let data = data
        try await RunningServer.run(["--port", "0", "--data", data]) { server in
            let call = ["call", server.url, "whoami", "--json", "--token"]
            func mint() async -> String {
                await vestibule("token", "mint", "--subject", "ada", "--data", data).output.trimmingASCIIWhitespace
            }
            let old = await mint()
            let before = await vestibule(call + [old])
            #expect(before.status == .success, "\(before.talk)")
            let rotated = await vestibule("keys", "rotate", "--now", "--data", data)
            #expect(rotated.status == .success, "\(rotated.talk)")
            // Its own key is unknown to the ring in memory, so the server looks at the file at once.
            let fresh = await vestibule(call + [await mint()])
            #expect(fresh.status == .success, "\(fresh.talk)")
            let refused = await vestibule(call + [old])
            #expect(refused.status == .refused && refused.talk.contains("key_retired"), "\(refused.talk)")
        }
    }

    @Test("a revocation is in force while it runs, and when it runs anew; a damaged list keeps it from starting")
    func revocation() async throws {
        let data = data
        @Sendable func mint() async -> String {
            await vestibule("token", "mint", "--subject", "ada", "--ttl", "1h", "--data", data).output
                .trimmingASCIIWhitespace
        }
        try await RunningServer.run(["--port", "0", "--data", data]) { server in
            let call = ["call", server.url, "whoami", "--json", "--token"]
            let (old, other) = (await mint(), await mint())
            #expect(await vestibule(call + [old]).status == .success)
            #expect(await vestibule("token", "revoke", old, "--data", data).status == .success)
            // It is noticed on use, 100 ms after the last look at the latest.
            var refused = await vestibule(call + [old])
            while refused.status == .success { refused = await vestibule(call + [old]) }
            #expect(refused.status == .refused && refused.talk.contains("token_revoked"), "\(refused.talk)")
            #expect(await vestibule(call + [other]).status == .success)
            #expect(server.talk.text.contains("revocations changed"))
        }
        try folder.write("{", to: "data/revocations.json")
        let broken = await vestibule("serve", "--port", "0", "--data", data)
        #expect(broken.status == .couldNotRun && broken.talk.contains("revocations.json is damaged"), "\(broken.talk)")
    }

    @Test("the public keys are published, and a schedule rotates them while it runs")
    func published() async throws {
        let data = data
        let file = try folder.write("keys: { rotateEvery: 5m, overlap: 1m, jwksLifetime: 1m }\n", to: "v.yaml")
        let hour = NumericDate(SystemClock().now().seconds - 3600)
        let old = RingKey.generate(.es256, kid: "old", createdAt: hour)
        _ = try DataDirectory(path: data).keyRing
            .loadOrCreate { () throws(KeyError) in
                var ring = KeyRing()
                try ring.rotate(to: old, overlap: .zero, now: hour)
                return ring
            }
        try await RunningServer.run(["--port", "0", "--data", data, "--config", file]) { server in
            await server.talk.wait(for: "rotation begun")
            let ring = try DataDirectory(path: data).keyRing.load()
            #expect(ring.keys.map(\.state.name) == ["active", "next"] && ring.active?.kid == "old")
            let origin = try #require(HTTPURL(server.url)?.origin)
            let keys = try #require(try await get(origin + KeySetSite.path).json)
            #expect(keys["keys"]?.array?.compactMap { $0["kid"]?.string } == ring.keys.map(\.kid))
        }
    }

    /// requirement: F-25
    @Test("one line a request in the log, as JSON where asked, and never a token")
    func log() async throws {
        let data = data
        try await RunningServer.run(["--port", "0", "--data", data, "--log-format", "json"]) { server in
            let token = await vestibule("token", "mint", "--subject", "ada", "--data", data).output
                .trimmingASCIIWhitespace
            _ = await vestibule("call", server.url, "echo", "--arguments", #"{"text":"hi"}"#, "--token", token)
            _ = await vestibule("call", server.url, "echo", "--arguments", #"{"text":"hi"}"#)
            let records = server.talk.lines.compactMap { try? JSONParser().parse($0) }
            let calls = records.filter { $0["method"] == "tools/call" }
            #expect(calls.map { $0["verdict"] } == ["admitted", "refused"])
            #expect(calls.map { $0["status"]?.integer } == [200, 401])
            #expect(calls.map { $0["token"] } == [true, false])
            #expect(calls.first?["tool"] == "echo" && calls.first?["phase"] == "operation")
            #expect(calls.first?["kid"]?.string?.hasPrefix("es256-") == true)
            #expect(calls.last?["reason"] == "token_missing")
            #expect(calls.first?["token_age"]?.number != nil)
            #expect(records.filter { $0["status"] != nil }.allSatisfy { $0["duration_ms"]?.number != nil })
            #expect(records.filter { $0["method"] != nil }.allSatisfy { $0["phase"]?.string != nil })
            #expect(records.first?["phase"] == "handshake" && records.first?["token"] == false)
            for part in token.split(separator: ".").dropFirst() { #expect(!server.talk.text.contains(part)) }
        }
    }

    @Test("names the front page, and logs what browsers ask for without query; files only where something is wrong")
    func site() async throws {
        try await RunningServer.run(["--port", "0", "--data", data, "--log-format", "json"]) { server in
            let origin = String(server.url.dropLast("/mcp".count))
            #expect(server.talk.lines.contains("  in a browser: \(origin)/"))
            for path in ["/auth/session?x=secret", "/web/importmap.json", "/web/none.js"] {
                _ = try await get(origin + path)
            }
            let records = server.talk.lines.compactMap { try? JSONParser().parse($0) }.filter { $0["path"] != nil }
            #expect(records.map { $0["path"] } == ["/auth/session", "/web/none.js"])
            #expect(records.map { $0["status"] } == [200, 404])
            #expect(records.map { $0["verdict"] } == ["admitted", "failed"])
            #expect(!server.talk.text.contains("x=secret"))
        }
    }

    @Test("with a configuration file nobody can sign in without a provider, and `frontPage: false` is no page")
    func configured() async throws {
        let config = try folder.write("data: data\nweb: { frontPage: false }\n", to: "v.yaml")
        try await RunningServer.run(["--port", "0", "--config", config]) { server in
            let origin = String(server.url.dropLast("/mcp".count))
            #expect(!server.talk.text.contains("in a browser"))
            let session = try await get("\(origin)/auth/session")
            #expect(session.json?["sign_in"] == .null)
            for path in ["/auth/sign-in", "/", "/operate"] {
                let reply = try await get(origin + path)
                #expect(reply.status == 404, "\(path)")
            }
        }
    }

    private func get(_ url: String) async throws -> (status: Int, json: JSONValue?) {
        let response = try await AsyncHTTPClientTransport.shared.send(TransportRequest(method: .get, url: url))
        return (response.status, try? JSONParser().parse(try await response.bytes(upTo: 1 << 20)))
    }

    @Test("a shared secret that changes is picked up while it runs; a bad file is told once and changes nothing")
    func sharedSecret() async throws {
        let (old, new) = (Self.secret(55), Self.secret(33))
        try folder.write(old, to: "secret.txt")
        let config = try folder.write(
            """
            data: data
            issuers:
              - { name: own }
              - issuer: https://web.example
                audience: mcp-server
                secrets: [{ kid: frontend-enhanced, file: secret.txt }]
            """, to: "v.yaml")
        let folder = folder
        try await RunningServer.run(["--port", "0", "--config", config, "--log-format", "json"]) { server in
            let data = folder.file("mint")
            func mint(_ secret: String) async throws -> String {
                let ring = "ring-\(secret.utf8.count)"
                let file = try folder.write(secret, to: "\(ring).txt")
                let kid = "frontend-enhanced"
                _ = await vestibule("keys", "add", "--secret-file", file, "--kid", kid, "--data", data + ring)
                return await vestibule(
                    "token", "mint", "--subject", "ada", "--data", data + ring, "--issuer", "https://web.example",
                    "--audience", "mcp-server"
                )
                .output.trimmingASCIIWhitespace
            }
            func call(_ token: String) async -> CapturedRun {
                await vestibule("call", server.url, "whoami", "--token", token)
            }
            let (oldToken, newToken) = (try await mint(old), try await mint(new))
            #expect(await call(oldToken).status == .success)
            try folder.write("short", to: "secret.txt")
            #expect(await call(newToken).talk.contains("signature_invalid"))
            #expect(await call(oldToken).status == .success)
            try folder.write(new, to: "secret.txt")
            let accepted = await call(newToken)
            #expect(accepted.status == .success, "\(accepted.talk)")
            #expect(await call(oldToken).talk.contains("key_retired"))
            let events = server.talk.lines.compactMap { try? JSONParser().parse($0) }
            #expect(events.count { $0["message"] == "keys not reloaded" } == 1)
            #expect(events.count { $0["message"] == "keys changed" } == 1)
            #expect(!server.talk.text.contains(old) && !server.talk.text.contains(new))
        }
    }

    private static func secret(_ length: Int) -> String {
        String((0..<length).map { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
    }

    @Test("tools and arguments: what the schema asks for, JSON, and what is refused")
    func arguments() async throws {
        let data = data
        try await RunningServer.run(["--port", "0", "--data", data]) { server in
            let token = await vestibule(
                "token", "mint", "--subject", "ada", "--data", data, "--bucket", "demo-bucket", "--permission",
                "s3:ListBucket", "--permission", "s3:GetBucketLocation"
            )
            .output.trimmingASCIIWhitespace
            let call = ["call", server.url, "bucket_objects_list", "--token", token]
            let page = await vestibule(
                call + ["--arg", "bucket=s3://demo-bucket", "--arg", "max_keys=1", "--json"])
            #expect(page.status == .success, "\(page.talk)")
            let result = try JSONParser().parse(page.output)
            #expect(result["structuredContent"]?["key_count"]?.integer == 1)
            let wrong = await vestibule(call + ["--arg", "bucket=demo-bucket", "--arg", "max_keys=many"])
            #expect(wrong.status == .couldNotRun && wrong.talk.contains("--arg max_keys: expected integer"))
            let noJSON = await vestibule(call + ["--arguments", "[1]"])
            #expect(noJSON.status == .couldNotRun && noJSON.talk.contains("expected a JSON object"))
            let denied = await vestibule(call + ["--arg", "bucket=payroll", "--json"])
            #expect(denied.status == .refused, "\(denied.talk)")
            #expect(try JSONParser().parse(denied.output)["structuredContent"]?["reason"] == "argument_forbidden")
            let anonymous = await vestibule("tools", server.url, "--json")
            #expect(try JSONParser().parse(anonymous.output).array?.count == 10)
            let stale = await vestibule("tools", server.url, "--token", "undefined")
            #expect(stale.status != .success && stale.talkLines.count == 1)
        }
        let gone = await vestibule("tools", "http://127.0.0.1:1/mcp")
        #expect(gone.status == .couldNotRun && gone.talk.contains("is the server running?"))
    }
}
