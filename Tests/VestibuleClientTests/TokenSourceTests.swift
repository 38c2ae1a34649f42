import Foundation
import HTTPTypes
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@Suite("Token sources")
struct TokenSourceTests {
    static let request = TokenRequest(serverTime: NumericDate(1_700_000_000))

    @Test("a file is read again for every refresh, and asked once in each")
    func file() async throws {
        try await withTemporaryDirectory { directory in
            let clock = FakeClock()
            let path = "\(directory)/token"
            try "\(clock.token("a"))\n".write(toFile: path, atomically: true, encoding: .utf8)
            let manager = TokenManager(source: .file(path), clock: clock)
            #expect(keyID(of: try await manager.currentToken()) == "a")
            clock.advance(by: .seconds(400))
            #expect(try await failure { try await manager.currentToken() }.reason == .tokenExpired)
            try clock.token("b").write(toFile: path, atomically: true, encoding: .utf8)
            #expect(keyID(of: try await manager.currentToken()) == "b")
        }
    }

    @Test("a file that cannot be read, or is no token, is named in the error")
    func badFile() async throws {
        try await withTemporaryDirectory { directory in
            let missing = try await failure { try await FileTokenSource(path: "\(directory)/none").token(Self.request) }
            #expect(missing.code == .tokenSource)
            #expect(missing.message.contains("\(directory)/none"))
            let folder = try await failure { try await FileTokenSource(path: directory).token(Self.request) }
            #expect(folder.message.contains(directory))
            let path = "\(directory)/large"
            try String(repeating: "x", count: 65_537).write(toFile: path, atomically: true, encoding: .utf8)
            let large = try await failure { try await FileTokenSource(path: path).token(Self.request) }
            #expect(large.message.contains("65536"))
        }
    }

    #if os(Linux) || os(macOS)
        @Test("a command's output is the token, by a shell or by arguments")
        func command() async throws {
            let shell = CommandTokenSource(shell: "printf '%s' \"a.b\"; echo .c; echo warning >&2")
            #expect(try await shell.token(Self.request) == "a.b.c\n")
            #expect(try await CommandTokenSource(["printf", "%s", "$HOME x"]).token(Self.request) == "$HOME x")
            #expect(try await CommandTokenSource(["/bin/echo", "x"]).token(Self.request) == "x\n")
        }

        @Test(
            "a command that fails is explained in one line, without its arguments",
            arguments: [
                (CommandTokenSource(shell: "echo one >&2; echo last >&2; exit 3 # hidden"), "status 3: last"),
                (CommandTokenSource(shell: "kill -9 $$ # hidden"), "signal 9"),
                (CommandTokenSource(shell: "no-such-program-here hidden"), "127"),
                (CommandTokenSource(["no-such-program-here", "hidden"]), "no such program"),
                (CommandTokenSource(["/no/such/program", "hidden"]), "127"),
                (CommandTokenSource([]), "is empty"),
                (CommandTokenSource(shell: "head -c 65537 /dev/zero # hidden"), "65536 bytes"),
            ])
        func commandFails(source: CommandTokenSource, words: String) async throws {
            let error = try await failure { try await source.token(Self.request) }
            #expect(error.code == .tokenSource)
            #expect(error.message.contains(words), "\(error.message)")
            #expect(!error.message.contains("hidden"))
            #expect(!error.message.contains("\n"))
        }

        @Test("a command that does not end is stopped, and so is what it started", .timeLimit(.minutes(1)))
        func commandHangs() async throws {
            try await withTemporaryDirectory { directory in
                let pidFile = "\(directory)/pid"
                let source = CommandTokenSource(
                    shell: "sleep 600 & echo $! > \(pidFile); wait", timeout: .seconds(2))
                let error = try await failure { try await source.token(Self.request) }
                #expect(error.message.contains("was stopped"))
                let text = try String(contentsOfFile: pidFile, encoding: .utf8)
                let pid = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
                while !hasEnded(pid) { await Task.yield() }
            }
        }

        /// Gone, or a zombie that nobody has buried yet.
        private func hasEnded(_ pid: Int32) -> Bool {
            if kill(pid, 0) != 0 { return true }
            let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            return status.contains(") Z ")
        }
    #endif

    @Test("an endpoint is asked with a form, and its token lives as long as it says")
    func endpoint() async throws {
        let transport = Recorder(
            .init(
                status: 200,
                bytes: Array("{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"expires_in\":60}".utf8)))
        let source = EndpointTokenSource(
            url: "https://idp.test/token", parameters: ["grant_type": "client_credentials", "scope": "a"],
            fields: [.cookie: "s=1"], transport: transport)
        var request = Self.request
        request.scope = ["b c", "d&e"]
        let issued = try await source.issue(request)
        #expect(issued.text == "opaque")
        #expect(issued.expiresIn == .seconds(60))
        let sent = try #require(await transport.requests.first)
        #expect(sent.method == .post)
        #expect(sent.fields[.cookie] == "s=1")
        #expect(sent.fields[.contentType] == "application/x-www-form-urlencoded")
        #expect(String(decoding: sent.body, as: UTF8.self) == "grant_type=client_credentials&scope=a+b+c+d%26e")
    }

    @Test(
        "an endpoint that refuses, or answers something else, is explained",
        arguments: [
            (400, "{\"error\":\"invalid_grant\",\"error_description\":\"expired\"}", "invalid_grant: expired"),
            (500, "oops", "HTTP 500"), (302, "", "redirect"), (200, "<html>", "other than JSON"),
            (200, "{\"id_token\":\"x\"}", "without access_token (it has: id_token)"),
            (200, "{\"access_token\":\"x\",\"token_type\":\"mac\"}", "mac"),
        ])
    func endpointFails(status: Int, body: String, words: String) async throws {
        let source = EndpointTokenSource(
            url: "https://idp.test/token?secret=1",
            transport: Recorder(.init(status: status, bytes: Array(body.utf8))))
        let error = try await failure { try await source.issue(Self.request) }
        #expect(error.code == .tokenSource)
        #expect(error.message.contains(words), "\(error.message)")
        #expect(!error.message.contains("secret"))
    }

    @Test(
        "an endpoint on plain http is asked on the loopback only",
        arguments: [
            ("http://127.0.0.1:9/token", true), ("http://localhost/token", true), ("http://[::1]:80/token", true),
            ("http://idp.test/token", false), ("http://127.0.0.1.evil.test/token", false), ("file:///token", false),
        ])
    func plainHTTP(url: String, isAllowed: Bool) async throws {
        let transport = Recorder(.init(status: 200, bytes: Array("{\"access_token\":\"x\"}".utf8)))
        let source = EndpointTokenSource(url: url, transport: transport)
        if isAllowed {
            #expect(try await source.token(Self.request) == "x")
        } else {
            #expect(try await failure { try await source.token(Self.request) }.code == .tokenSource)
            #expect(await transport.requests.isEmpty)
        }
    }

    private actor Recorder: HTTPTransport {
        private(set) var requests: [TransportRequest] = []
        private let response: TransportResponse

        init(_ response: TransportResponse) { self.response = response }

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            requests.append(request)
            return response
        }
    }
}
