import Testing
import VestibuleProtocol

@testable import VestibuleCommands

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("What is written, and to whom")
struct OutputTests {
    private func run(_ arguments: [String], to descriptor: Int32) async -> CapturedRun {
        let talk = TextCapture()
        let context = CommandContext(
            executable: "vestibule", environment: [:], output: .descriptor(descriptor, environment: [:]),
            talk: TextSink { talk.append($0) }, input: { _ in [] }, clock: SystemClock(), shutdown: nil)
        return CapturedRun(status: await VestibuleCommandLine.run(arguments, in: context), output: "", talk: talk.text)
    }

    #if os(Linux)
        @Test("output that a full disk swallows is exit code 2, so that no script goes on with half a file")
        func fullDisk() async {
            let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
            defer { close(full) }
            let run = await run(["config", "schema"], to: full)
            #expect(run.status == .couldNotRun)
            #expect(run.talkLines.count == 1 && run.talk.contains("standard output: no space left on device"))
        }
    #endif

    @Test("a reader that goes away is no failure")
    func closedPipe() async {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let run = await run(["config", "schema"], to: ends[1])
        #expect(run.status == .success && run.talk.isEmpty)
    }

    @Test("an argument that is not UTF-8 is refused by its number, not mended")
    func arguments() throws {
        #expect(try VestibuleCommandLine.texts(of: [Array("a".utf8), Array("é".utf8)]) == ["a", "é"])
        let failure = #expect(throws: CommandFailure.self) {
            try VestibuleCommandLine.texts(of: [Array("token".utf8), [0x61, 0xFF]])
        }
        #expect(failure?.message.contains("argument 2 is not UTF-8") == true && failure?.status == .couldNotRun)
    }

    @Test("control characters of others are shown in words, and an error stays on one line")
    func controls() {
        #expect("a\u{1B}[31mb\tc\nd\u{9B}".withoutControls == "a\\u{1B}[31mb\tc\nd\\u{9B}")
        #expect("a\r\nb\u{7F}é".onOneLine == "a b\\u{7F}é")
        #expect("plain é 🥐".withoutControls == "plain é 🥐")
    }

    @Test(
        "tools and call lay out what they print for a terminal, leave it as it came in a pipe, and let no text steer the terminal"
    )
    func call() async throws {
        let folder = try TestFolder()
        let data = folder.file("data")
        try await RunningServer.run(["--port", "0", "--data", data]) { server in
            let token = await vestibule("token", "mint", "--data", data, "--subject", "ada").output
                .trimmingASCIIWhitespace
            func call(_ tool: String, _ rest: [String] = [], width: Int?) async -> String {
                let output = TextCapture()
                let talk = TextCapture()
                let context = CommandContext(
                    executable: "vestibule", environment: [:], output: TextSink(width: width) { output.append($0) },
                    talk: TextSink { talk.append($0) }, input: { _ in [] }, clock: SystemClock(), shutdown: nil)
                let status = await VestibuleCommandLine.run(
                    ["call", server.url, tool, "--token", token] + rest, in: context)
                #expect(status == .success, "\(talk.text)")
                return output.text
            }
            let wide = await call("whoami", width: 80)
            #expect(wide.contains("\n  \"subject\": \"ada\",\n"), "\(wide)")
            let piped = await call("whoami", width: nil)
            #expect(piped.contains("\"subject\":\"ada\"") && piped.split(separator: "\n").count == 1)
            let narrow = TextCapture()
            let context = CommandContext(
                executable: "vestibule", environment: [:], output: TextSink(width: 80) { narrow.append($0) },
                talk: TextSink { _ in }, input: { _ in [] }, clock: SystemClock(), shutdown: nil)
            _ = await VestibuleCommandLine.run(["tools", server.url], in: context)
            #expect(narrow.text.contains("\nwhoami\n    Says who"), "\(narrow.text)")
            let text = ["--arg", "text=a\u{1B}[31m"]
            #expect(await call("echo", text, width: 80) == "a\\u{1B}[31m\n")
            #expect(await call("echo", text, width: nil) == "a\u{1B}[31m\n")
        }
    }
}
