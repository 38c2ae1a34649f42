import Foundation
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleClient

/// Servers that run as processes of ours.
@Suite("Client of a process", .timeLimit(.minutes(1)))
struct ProcessTests {
    /// A server of sessions, in shell: answers each request by its method.
    private static func script(_ cases: String) -> String {
        """
        while IFS= read -r line; do
            id=$(printf '%s' "$line" | sed -n 's/.*"id":\\("[^"]*"\\|[0-9]*\\).*/\\1/p')
            case "$line" in
            \(cases)
            *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"sh","version":"1"}}}\\n' "$id";;
            *'"server/discover"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\\n' "$id";;
            *'"tools/call"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}\\n' "$id" "$GREETING";;
            esac
        done
        """
    }

    private static func client(
        _ cases: String = "", environment: [String: String?] = [:], grace: Duration = .seconds(2)
    ) -> MCPClient {
        MCPClient(
            process: ServerProcess(
                "/bin/sh", arguments: ["-c", script(cases)], environment: environment, grace: grace))
    }

    // requirement: C-50, C-54, C-58, A-74
    @Test("a process is started, spoken with line by line, and ends when its input does")
    func whole() async throws {
        let client = Self.client(environment: ["GREETING": "hello from outside"])
        #expect(try await client.callTool("greet").content == [.text("hello from outside")])
        #expect(client.protocolVersion == .v2025_11_25)
        let start = ContinuousClock.now
        await client.close()
        #expect(ContinuousClock.now - start < .seconds(2), "nobody had to be asked twice")
    }

    // requirement: C-51
    @Test("what a process says beside its messages is no failure, and is shown where it fails")
    func standardError() async throws {
        let client = Self.client(
            """
            *'"tools/call"'*) echo 'the disk is full' >&2; exit 3;;
            """)
        let error = try await failure { try await client.callTool("greet") }
        #expect(error.code == .outcomeUnknown)
        #expect(error.message.contains("status 3"))
        #expect(error.message.contains("the disk is full"))
        await client.close()
    }

    // requirement: C-56, A-80
    @Test("a process that ends is started again for the next request; a session is opened anew")
    func restart() async throws {
        let client = Self.client("*'\"boom\"'*) exit 1;;", environment: ["GREETING": "hi"])
        #expect(try await failure { try await client.callTool("boom") }.code == .outcomeUnknown)
        #expect(try await client.callTool("greet").content == [.text("hi")])
        await client.close()
    }

    // requirement: A-80
    @Test("a process that ends for the probe is started again, and spoken with in sessions")
    func endsForProbe() async throws {
        let client = Self.client("*'\"server/discover\"'*) exit 1;;", environment: ["GREETING": "hi"])
        #expect(try await client.callTool("greet").content == [.text("hi")])
        await client.close()
    }

    // requirement: C-54
    @Test("a process that will not end is asked to, and then killed")
    func stubborn() async throws {
        let client = MCPClient(
            process: ServerProcess(
                "/bin/sh", arguments: ["-c", "trap '' TERM; " + Self.script("") + "\nwhile :; do sleep 1; done"],
                environment: ["GREETING": "hi"], grace: .milliseconds(100)))
        #expect(try await client.callTool("greet").content == [.text("hi")])
        let start = ContinuousClock.now
        await client.close()
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("a program that does not exist is named")
    func missing() async throws {
        let client = MCPClient(command: "no-such-server-\(UUID().uuidString)")
        let error = try await failure { try await client.initialize() }
        #expect(error.code == .connection)
        #expect(error.message.contains("no-such-server"))
        await client.close()
    }

    @Test("a process that ends again and again is given up after five restarts")
    func hopeless() async throws {
        let clock = FakeClock()
        let link = ChannelLink(
            name: "it", opener: ProcessOpener(process: ServerProcess("/bin/sh", arguments: ["-c", "exit 1"])),
            clock: clock)
        let client = MCPClient(
            url: "it", tokens: nil, owned: false, link: .channel(link),
            configuration: MCPClientConfiguration(era: .modern),
            clock: clock)
        var waits: [Double] = [0, 0, 0.5, 1, 2, 4]
        while !waits.isEmpty {
            let wait = waits.removeFirst()
            let call = Task { try await failure { try await client.callTool("x") } }
            if wait > 0 {
                await clock.untilSomebodySleeps(for: .seconds(wait))
                clock.advance(by: .seconds(wait))
            }
            _ = try await call.value
        }
        let error = try await failure { try await client.callTool("x") }
        #expect(error.message.contains("6 times without an answer"))
        await client.close()
    }

    @Test("lines are cut however they come; one that is too long is an error")
    func lines() throws {
        var splitter = LineSplitter(maximumLength: 5)
        #expect(try splitter.push(Array("ab".utf8)).isEmpty)
        #expect(
            try splitter.push(Array("cd\r\n\nef\ng".utf8))
                == [Array("abcd".utf8), [], Array("ef".utf8)])
        #expect(throws: LineSplitter.TooLong.self) { try splitter.push(Array("hijkl\n".utf8)) }
    }
}
