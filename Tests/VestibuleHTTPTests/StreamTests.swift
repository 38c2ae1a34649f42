import HTTPTypes
import Synchronization
import Testing
import VestibuleServer
import VestibuleTesting

@testable import VestibuleHTTP

@Suite("Streams of a site")
struct StreamTests {
    /// Answers `/stream` with what a test feeds it.
    private final class Tap: HTTPSite {
        let feed: AsyncStream<[UInt8]>.Continuation
        let ended = Latch()
        private let pieces: ByteStream
        private let ends: Bool

        /// - Parameter endsAtDrain: whether the site ends its stream when it is told that the server shuts down.
        init(endsAtDrain: Bool = true) {
            let (source, feed) = AsyncStream<[UInt8]>.makeStream()
            pieces = ByteStream {
                var iterator = source.makeAsyncIterator()
                return await iterator.next(isolation: nil)
            } onCancel: { [ended] in
                ended.open()
            }
            self.feed = feed
            ends = endsAtDrain
        }

        func respond(to request: EndpointRequest) async -> EndpointResponse? {
            guard request.head.path == "/stream" else { return nil }
            var head = HTTPResponse(status: .ok)
            head.headerFields[.contentType] = "text/event-stream"
            return EndpointResponse(head: head, body: .stream(pieces))
        }

        func drain() {
            if ends { feed.finish() }
        }

        func send(_ text: String) { feed.yield(Array(text.utf8)) }
    }

    @Test("each piece goes out as it comes, and the end of the stream ends the connection")
    func pieces() async throws {
        let tap = Tap()
        try await House.with(sites: [tap]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/stream")
                tap.send("one")
                let head = try await connection.text(until: "one")
                #expect(head.contains("200 OK") && head.lowercased().contains("connection: close"))
                #expect(head.contains("text/event-stream"))
                tap.send("two")
                _ = try await connection.text(until: "two")
                tap.feed.finish()
                _ = try await connection.text(until: "0\r\n\r\n")
                #expect(await connection.isEnded())
            }
            #expect(try await house.stillServes())
        }
    }

    @Test("a peer that goes away ends the stream, though there is nothing to write")
    func disconnect() async throws {
        let tap = Tap()
        try await House.with(sites: [tap]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/stream")
                tap.send("one")
                _ = try await connection.text(until: "one")
            }
            try await tap.ended.wait()
            #expect(try await house.stillServes())
        }
    }

    @Test("a stream may be silent for longer than an idle connection lives")
    func silence() async throws {
        // On a busy machine the time may be over before the request is on its way: then once more.
        var isHeard = false
        for _ in 0..<20 where !isHeard {
            let tap = Tap()
            tap.send("one")
            isHeard = try await House.with(
                http: HTTPServerConfiguration(idle: .milliseconds(100)), sites: [tap]
            ) { house in
                try await RawConnection.open(house.port) { connection in
                    guard (try? await connection.send("GET", "/stream")) != nil,
                        (try? await connection.text(until: "one")) != nil
                    else { return false }
                    for _ in 0..<3 {
                        try await RawConnection.open(house.port) { #expect(await $0.isEnded()) }
                    }
                    tap.send("two")
                    _ = try await connection.text(until: "two")
                    return true
                }
            }
        }
        #expect(isHeard)
    }

    @Test("at a graceful shutdown the sites are told, and streams that end then do not hold it up")
    func drain() async throws {
        let tap = Tap()
        let patient = HTTPServerConfiguration(drain: .seconds(600), linger: .seconds(600))
        try await House.with(http: patient, sites: [tap]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/stream")
                tap.send("one")
                _ = try await connection.text(until: "one")
                await house.shutDown()
                _ = try await connection.text(until: "0\r\n\r\n")
                #expect(await connection.isEnded())
            }
        }
    }

    @Test("a stream that does not end is cut off when the drain time is over")
    func endless() async throws {
        let tap = Tap(endsAtDrain: false)
        try await House.with(http: HTTPServerConfiguration(drain: .milliseconds(50)), sites: [tap]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/stream")
                tap.send("one")
                _ = try await connection.text(until: "one")
                await house.shutDown()
                await connection.untilEnd()
            }
        }
        try await tap.ended.wait()
    }

    /// Answers `/flood` with a stream that never ends by itself.
    private struct Flood: HTTPSite {
        /// Lives as long as the stream.
        private final class Source: Sendable {
            private let flood: Flood

            init(_ flood: Flood) {
                self.flood = flood
            }

            func next() -> [UInt8] {
                flood.pieces.add()
                return Array(repeating: 0x78, count: 1 << 20)
            }

            deinit { flood.ended.open() }
        }

        let ended = Latch()
        let pieces = Tally()

        func respond(to request: EndpointRequest) async -> EndpointResponse? {
            guard request.head.path == "/flood" else { return nil }
            let source = Source(self)
            return EndpointResponse(
                head: HTTPResponse(status: .ok), body: .stream(ByteStream { source.next() }))
        }
    }

    @Test("for a peer that does not read, pieces are made until the buffers are full, and the connection is closed")
    func noReader() async throws {
        let flood = Flood()
        try await House.with(sites: [flood], configure: { $0.streams.stall = .milliseconds(200) }) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", "/flood")
                try await flood.ended.wait()
            }
            // What the sockets of both ends take at most, by Linux's defaults, and a few pieces.
            #expect(flood.pieces.count < 64, "\(flood.pieces.count) MiB were made")
            #expect(try await house.stillServes())
        }
    }
}

/// Counts across tasks.
private final class Tally: Sendable {
    private let number = Atomic(0)

    func add() { number.add(1, ordering: .relaxed) }
    var count: Int { number.load(ordering: .relaxed) }
}
