import Logging
import Testing
import VestibuleProtocol

@testable import VestibuleCommands

@Suite("The log")
struct LogTests {
    @Test(
        "times are RFC 3339 in UTC with milliseconds",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (951_782_400.5, "2000-02-29T00:00:00.500Z"),
            (1_785_247_320.123, "2026-07-28T14:02:00.123Z"), (4_102_444_799.999, "2099-12-31T23:59:59.999Z"),
        ])
    func time(seconds: Double, expected: String) {
        // Half a millisecond of grace for what a Double cannot hold.
        #expect(LogTime.text(NumericDate(seconds + 0.0004)) == expected)
    }

    @Test("a value cannot break its line, forge a field or end a text")
    func values() throws {
        let line = LogLine(
            time: "t", level: .info, message: "request",
            fields: [
                ("tool", .text("a b=\"c\"\nerror forged")), ("token", .flag(true)), ("age", .number(1.25, decimals: 1)),
                ("status", .integer(200)), ("odd", .number(.infinity, decimals: 1)),
            ])
        let text = LogStyle.text(line)
        #expect(text == #"t info request tool="a b=\"c\"\nerror forged" token=yes age=1.3 status=200 odd=0"#)
        let json = try JSONParser().parse(LogStyle.json(line))
        #expect(json["tool"] == "a b=\"c\"\nerror forged" && json["token"] == true)
        #expect(json["status"]?.integer == 200 && json["age"]?.number?.double == 1.3)
    }

    @Test("a value cannot steer the terminal that shows it, nor turn the direction of writing")
    func invisibleCharacters() throws {
        let tool = "\u{9B}31m\u{202E}drow\u{E0041}\u{7F}é"
        let line = LogLine(time: "t", level: .info, message: "request", fields: [("tool", .text(tool))])
        let spelt = #""\u009b31m\u202edrow\udb40\udc41\u007fé""#
        #expect(LogStyle.text(line) == "t info request tool=" + spelt)
        #expect(LogStyle.json(line).contains(spelt))
        #expect(try JSONParser().parse(LogStyle.json(line))["tool"] == .string(tool))
        let message = LogLine(time: "t", level: .info, message: "\u{9B}2J\u{2028}x")
        #expect(LogStyle.text(message) == #"t info "\u009b2J\u2028x""#)
    }

    @Test("the level is kept, and a library's metadata arrives sorted")
    func handler() {
        let capture = TextCapture()
        let handler = LineLogHandler(
            format: .text, sink: TextSink { capture.append($0) }, clock: SystemClock(), logLevel: .notice)
        let logger = Logger(label: "test") { _ in handler }
        logger.info("not this")
        logger.warning("this", metadata: ["b": "two", "a": "\(1)"])
        #expect(capture.lines.count == 1)
        #expect(capture.lines.first?.hasSuffix("Z warning this a=1 b=two") == true)
    }

    @Test(
        "words are quoted for the shell only where they need it",
        arguments: [
            ("plain-1_./:=", "plain-1_./:="), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"),
            ("$HOME", "'$HOME'"),
            ("*", "'*'"),
        ])
    func quoting(word: String, expected: String) {
        #expect(ShellText.quote(word) == expected)
    }
}
