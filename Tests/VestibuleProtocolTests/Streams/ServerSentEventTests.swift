import Testing
import VestibuleProtocol

@Suite("Server-sent events")
struct ServerSentEventTests {
    static let streams: [(String, [ServerSentEvent])] = [
        ("", []),
        ("\n\n\n", []),
        ("data: a\n\n", [.init(data: "a")]),
        ("data:a\n\n", [.init(data: "a")]),
        ("data:  a\n\n", [.init(data: " a")]),
        ("data: a\n", []),
        ("data: a", []),
        ("data\n\n", [.init(data: "")]),
        ("data:\n\n", [.init(data: "")]),
        ("data\ndata\n\ndata:", [.init(data: "\n")]),
        ("data: a\ndata: b\ndata\n\n", [.init(data: "a\nb\n")]),
        ("data: a\rdata: b\r\r", [.init(data: "a\nb")]),
        ("data: a\r\ndata: b\r\n\r\n", [.init(data: "a\nb")]),
        ("data: a\r\n\ndata: b\n\r\n", [.init(data: "a"), .init(data: "b")]),
        ("data: a\r\r\ndata: b\n\n", [.init(data: "a"), .init(data: "b")]),
        ("\u{FEFF}data: a\n\n", [.init(data: "a")]),
        ("\u{FEFF}\u{FEFF}data: a\n\n", []),
        ("\n\u{FEFF}data: a\n\n", []),
        (": comment\ndata: a\n:\n: data: b\n\n", [.init(data: "a")]),
        ("event: ping\ndata: a\n\ndata: b\n\n", [.init(event: "ping", data: "a"), .init(data: "b")]),
        ("event: ping\n\ndata: a\n\n", [.init(data: "a")]),
        ("event:\ndata: a\n\n", [.init(data: "a")]),
        ("id: 1\ndata: a\n\ndata: b\n\n", [.init(data: "a", id: "1"), .init(data: "b")]),
        ("id\ndata: a\n\n", [.init(data: "a", id: "")]),
        ("id: a\u{0}b\ndata: a\n\n", [.init(data: "a")]),
        ("retry: 1500\ndata: a\n\n", [.init(data: "a", retry: .milliseconds(1500))]),
        ("retry: -1\ndata: a\n\n", [.init(data: "a")]),
        ("retry: 1.5\ndata: a\n\n", [.init(data: "a")]),
        ("retry:\ndata: a\n\n", [.init(data: "a")]),
        ("retry: 99999999999999999999\ndata: a\n\n", [.init(data: "a")]),
        ("retry: 9223372036854775807\ndata: a\n\n", [.init(data: "a", retry: .milliseconds(Int64.max))]),
        ("Data: a\n data: b\nfoo: c\ndata : d\n\n", []),
        ("data: {\"a\":\"b: c\"}\n\n", [.init(data: "{\"a\":\"b: c\"}")]),
        ("data: \u{E9}\u{1F600}\n\n", [.init(data: "\u{E9}\u{1F600}")]),
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [.init(data: "YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [
                .init(data: "first event", id: "1"), .init(data: "second event", id: ""), .init(data: " third event"),
            ]
        ),
    ]

    /// requirement: C-04
    @Test("a stream gives the same events however it is cut into chunks", arguments: streams)
    func events(_ stream: String, _ expected: [ServerSentEvent]) throws {
        let bytes = Array(stream.utf8)
        var whole = ServerSentEventParser()
        #expect(try whole.push(bytes) == expected)
        for size in 1...7 {
            var parser = ServerSentEventParser()
            var events: [ServerSentEvent] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try parser.push(bytes[start..<min(start + size, bytes.count)])
                events += try parser.push([])
            }
            #expect(events == expected, "in chunks of \(size)")
        }
    }

    @Test("id and retry are remembered, also from an event without data")
    func remembered() throws {
        var parser = ServerSentEventParser()
        #expect(parser.lastEventID == nil)
        #expect(try parser.push(Array("id: 7\nretry: 20\n\n".utf8)) == [])
        #expect(parser.lastEventID == "7")
        #expect(parser.reconnectionTime == .milliseconds(20))
        #expect(try parser.push(Array("data: a\n\n".utf8)) == [ServerSentEvent(data: "a")])
        #expect(parser.lastEventID == "7")
    }

    @Test("what is not UTF-8 becomes U+FFFD")
    func replacement() throws {
        var parser = ServerSentEventParser()
        let events = try parser.push(Array("data: a".utf8) + [0xFF] + Array("b\n\n".utf8))
        #expect(events == [ServerSentEvent(data: "a\u{FFFD}b")])
    }

    @Test("a line is bounded, the bound included, whole or in pieces")
    func lineBound() throws {
        var fits = ServerSentEventParser(maximumLineLength: 8)
        #expect(try fits.push(Array("data: ab\n\n".utf8)) == [ServerSentEvent(data: "ab")])
        for chunk in [1, 100] {
            var parser = ServerSentEventParser(maximumLineLength: 8)
            let failure = try #require(throws: ServerSentEventParser.Failure.self) {
                let bytes = Array("data: abc".utf8)
                for start in stride(from: 0, to: bytes.count, by: chunk) {
                    _ = try parser.push(bytes[start..<min(start + chunk, bytes.count)])
                }
            }
            #expect(failure.description == "a line of the event stream is longer than 8 bytes")
            #expect(throws: failure) { try parser.push([0x0A]) }
        }
    }

    @Test("an event's data is bounded, the bound included, its line ends counted")
    func eventBound() throws {
        var parser = ServerSentEventParser(maximumEventSize: 3)
        #expect(try parser.push(Array("data: a\ndata: b\n\n".utf8)) == [ServerSentEvent(data: "a\nb")])
        #expect(try parser.push(Array("data\ndata\ndata\ndata\n\n".utf8)) == [ServerSentEvent(data: "\n\n\n")])
        let failure = #expect(throws: ServerSentEventParser.Failure.self) {
            try parser.push(Array("data\ndata\ndata\ndata\ndata\n".utf8))
        }
        #expect(failure?.description == "an event of the stream has more than 3 bytes of data")
    }

    @Test(
        "a frame is read back as the event that it was",
        arguments: [
            ServerSentEvent(data: ""), ServerSentEvent(data: "a"), ServerSentEvent(data: "a\nb\n"),
            ServerSentEvent(data: " a"), ServerSentEvent(data: "\n"),
            ServerSentEvent(event: "ping", data: "{}", id: "3/1", retry: .milliseconds(1500)),
        ])
    func roundTrip(_ event: ServerSentEvent) throws {
        var parser = ServerSentEventParser()
        #expect(try parser.push(ServerSentEvent.commentFrame("hello") + event.frame) == [event])
    }

    @Test("a frame cannot be made to hold other fields than its own")
    func noInjection() throws {
        let event = ServerSentEvent(
            event: "a\ndata: x", data: "1\r\nid: 2\r3", id: "b\r\nretry: 1\u{0}", retry: .seconds(-1))
        #expect(
            String(decoding: event.frame, as: UTF8.self)
                == "event: adata: x\nid: bretry: 1\nretry: 0\ndata: 1\ndata: id: 2\ndata: 3\n\n")
        #expect(ServerSentEvent.commentFrame("a\n\ndata: b\n") == Array(":adata: b\n\n".utf8))
        var parser = ServerSentEventParser()
        #expect(try parser.push(ServerSentEvent.frame(data: [], retry: .seconds(Int64.max))).count == 1)
    }

    @Test("random streams never trap and give the same events in any chunking")
    func mutations() throws {
        var generator = SeededGenerator(seed: 9)
        let seeds = Self.streams.map { Array($0.0.utf8) }
        let alphabet = Array("\r\n: dataeventidretry0\u{FEFF}".utf8)
        for round in 0..<3_000 {
            let bytes = seeds[round % seeds.count].mutated(by: &generator, alphabet: alphabet)
            var whole = ServerSentEventParser()
            let expected = try whole.push(bytes)
            var pieces = ServerSentEventParser()
            var events: [ServerSentEvent] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...5, using: &generator))
                events += try pieces.push(bytes[start..<end])
                start = end
            }
            #expect(events == expected)
        }
    }
}
