import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("A stream of events and its reader")
struct EventStreamTests {
    private let clock = FakeClock()
    private let departures = Departures()

    private func stream(
        queueSize: Int = 64 << 10, stall: Duration = .seconds(30), number: Int? = nil,
        keep: (@Sendable ([EventQueue.Kept]) -> Void)? = nil
    ) -> EventStream {
        let configuration = StreamConfiguration(stall: stall, queueSize: queueSize)
        return EventStream(.init(configuration), number: number, clock: clock, keep: keep) { [departures] departure in
            departures.add(departure)
        }
    }

    private func isAwaited(_ stream: EventStream) async {
        while !stream.isAwaited { await Task.yield() }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// requirement: B-73, B-78
    @Test("events come in their order, the answer last, and the stream ends with it; without a number they have no ids")
    func order() async throws {
        let stream = stream()
        var reader = StreamReader(stream.attach())
        await stream.send(bytes("1"))
        await stream.send(bytes("2"))
        stream.finish(bytes("3"))
        let offered = stream.offer(bytes("4"))
        #expect(!offered)
        #expect(try await reader.event()?.data == "1")
        #expect(try await reader.event()?.data == "2")
        #expect(try await reader.event()?.data == "3")
        #expect(try await reader.event() == nil)
        #expect(!reader.text.contains("id:"))
        #expect(departures.list.isEmpty)
    }

    /// requirement: B-26, B-40, B-41
    @Test("a stream of a session begins with an event of an id and no data, and ids name the stream and the event")
    func priming() async throws {
        let stream = stream(number: 7) { _ in }
        var reader = StreamReader(stream.attach())
        stream.prime()
        await stream.send(bytes("1"))
        let first = try #require(try await reader.event())
        #expect(first.data.isEmpty && first.id == "7-0")
        #expect(try await reader.event()?.id == "7-1")
    }

    @Test("whoever writes waits while the queue is full, and goes on when the reader has taken enough")
    func backPressure() async throws {
        let stream = stream(queueSize: 20)
        var reader = StreamReader(stream.attach())
        // Two events of 9 bytes leave room for a third; the fourth waits.
        for text in ["1", "2", "3"] { await stream.send(bytes(text)) }
        #expect(stream.waitingBytes == 27)
        let fourth = Task { await stream.send(bytes("4")) }
        for text in ["1", "2", "3"] { #expect(try await reader.event()?.data == text) }
        #expect(await fourth.value)
        #expect(try await reader.event()?.data == "4")
        #expect(stream.waitingBytes == 0)
    }

    @Test("a reader that takes nothing of what is ready for 30 s loses its stream, and whoever writes is told")
    func stalled() async throws {
        let stream = stream(queueSize: 10)
        let pieces = stream.attach()
        await stream.send(bytes("0123456789"))
        let waiting = Task { await stream.send(bytes("x")) }
        await clock.untilSomebodySleeps(for: .seconds(15))
        clock.advance(by: .seconds(15))
        await clock.untilSomebodySleeps(for: .seconds(15))
        #expect(departures.list.isEmpty)
        clock.advance(by: .seconds(15))
        #expect(await !waiting.value)
        try await departures.first.wait()
        #expect(departures.list == [.stalled])
        var reader = StreamReader(pieces)
        #expect(try await reader.event() == nil)
        #expect(stream.waitingBytes == 0)
    }

    /// requirement: B-77
    @Test("a silent stream has a comment every 15 s, and a reader that waits is never too slow")
    func keepAlive() async throws {
        let stream = stream()
        var reader = StreamReader(stream.attach())
        for _ in 0..<5 {
            let next = Task { [clock] in
                await isAwaited(stream)
                await clock.untilSomebodySleeps(for: .seconds(15))
                clock.advance(by: .seconds(15))
            }
            #expect(await reader.piece() == ":\n\n")
            await next.value
        }
        await stream.send(bytes("1"))
        #expect(try await reader.event()?.data == "1")
    }

    @Test("an event puts the next comment off")
    func keepAliveAfterEvent() async throws {
        let stream = stream()
        var reader = StreamReader(stream.attach())
        await clock.untilSomebodySleeps(for: .seconds(15))
        clock.advance(by: .seconds(10))
        await stream.send(bytes("1"))
        #expect(try await reader.event()?.data == "1")
        let turn = Task { [clock] in
            await isAwaited(stream)
            clock.advance(by: .seconds(5))
            await clock.untilSomebodySleeps(for: .seconds(10))
            clock.advance(by: .seconds(10))
        }
        #expect(await reader.piece() == ":\n\n")
        await turn.value
        #expect(clock.now() == NumericDate(1_700_000_025))
    }

    @Test("a reader that goes away is noticed at once, also while somebody waits to write")
    func left() async throws {
        let stream = stream(queueSize: 1)
        let pieces = stream.attach()
        await stream.send(bytes("1"))
        let waiting = Task { await stream.send(bytes("2")) }
        pieces.cancel()
        #expect(await !waiting.value)
        #expect(departures.list == [.left])
        #expect(await !stream.send(bytes("3")))
    }

    @Test("a task that reads and is cancelled has gone away")
    func cancelledReader() async throws {
        let stream = stream()
        let pieces = stream.attach()
        let reader = Task { for await _ in pieces {} }
        await clock.untilSomebodySleeps(for: .seconds(15))
        reader.cancel()
        await reader.value
        #expect(departures.list == [.left])
    }

    @Test("what is let go of without being read has gone away")
    func letGo() {
        let stream = stream()
        _ = stream.attach()
        #expect(departures.list == [.left])
    }

    @Test("of events with one key that wait, one is enough")
    func keys() async throws {
        let stream = stream()
        var reader = StreamReader(stream.attach())
        for text in ["1", "2", "3"] { stream.offer(bytes(text), key: "k") }
        stream.offer(bytes("4"), key: "l")
        #expect(try await reader.event()?.data == "1")
        #expect(try await reader.event()?.data == "4")
        stream.offer(bytes("5"), key: "k")
        #expect(try await reader.event()?.data == "5")
    }

    /// requirement: D-73
    @Test("a stream ends when its token expires, to the second, and says why")
    func expiry() async throws {
        let stream = stream(number: 1) { _ in }
        var reader = StreamReader(stream.attach(terms: .init(expiry: clock.now() + .seconds(20))))
        await stream.send(bytes("1"))
        #expect(try await reader.event()?.data == "1")
        let turn = Task { [clock] in
            await isAwaited(stream)
            await clock.untilSomebodySleeps(for: .seconds(15))
            clock.advance(by: .seconds(15))
            await clock.untilSomebodySleeps(for: .seconds(5))
            clock.advance(by: .seconds(5))
        }
        #expect(await reader.piece() == ":\n\n")
        let line = try #require(await reader.piece())
        #expect(
            line.hasPrefix(": closed (token_expired): the access token of this stream expired at 2023-11-14T22:13:40Z"))
        #expect(await reader.piece() == nil)
        await turn.value
        // The stream itself goes on, for whoever comes back.
        #expect(!stream.isFinished)
    }

    @Test("a reader that comes back gets what followed, and takes the place of one that is still there")
    func comingBack() async throws {
        let stream = stream(number: 1) { _ in }
        var old = StreamReader(stream.attach())
        for text in ["0", "1", "2"] { await stream.send(bytes(text)) }
        #expect(try await old.event()?.data == "0")
        var new = StreamReader(stream.attach(after: 0))
        #expect(try await new.event()?.data == "1")
        #expect(try await new.event()?.data == "2")
        #expect(try await old.messages().map(\.description) == ["1", "2"])
        #expect(departures.list.isEmpty)
        stream.finish(bytes("3"))
        #expect(try await new.event()?.data == "3")
        #expect(try await new.event() == nil)
        var again = StreamReader(stream.attach(after: 2))
        #expect(try await again.messages() == [3])
    }

    /// requirement: B-25
    @Test("a reader that is let go of has what was there, when to come back, and the end; what comes then is kept")
    func polling() async throws {
        let stream = stream(number: 1) { _ in }
        var reader = StreamReader(stream.attach())
        stream.prime()
        stream.dismiss(retry: .milliseconds(250))
        await stream.send(bytes("1"))
        #expect(try await reader.event()?.id == "1-0")
        #expect(try await reader.event() == nil)
        #expect(reader.retry == .milliseconds(250))
        var back = StreamReader(stream.attach(after: 0))
        #expect(try await back.event()?.data == "1")
    }

    @Test("events that fell out are told of by number, and never read as something else")
    func gap() async throws {
        let stream = stream(number: 1) { _ in }
        for text in ["0", "1", "2", "3"] { stream.offer(bytes(text)) }
        for number in [0, 1, 2] { stream.forget(number) }
        var reader = StreamReader(stream.attach(after: 0))
        #expect(await reader.piece()?.hasPrefix(": 2 messages of this stream fell out") == true)
        #expect(try await reader.event()?.data == "3")
    }
}

@Suite("Streams of bytes")
struct ByteStreamTests {
    @Test("a writer's pieces come as they are; after the reader has gone nothing is taken")
    func writer() async {
        let ended = Latch()
        let (stream, writer) = ByteStream.make(clock: FakeClock(), onEnd: { ended.open() })
        var pieces = stream.makeAsyncIterator()
        await writer.write([1, 2])
        #expect(await pieces.next() == [1, 2])
        stream.cancel()
        #expect(await !writer.write([3]))
        #expect(await pieces.next() == nil)
    }

    @Test("a finished stream ends after what waits, and nobody is told of an end")
    func finished() async throws {
        let (stream, writer) = ByteStream.make(clock: FakeClock(), onEnd: { Issue.record("told of an end") })
        await writer.write([1])
        writer.finish()
        var pieces: [[UInt8]] = []
        for await piece in stream { pieces.append(piece) }
        #expect(pieces == [[1]])
    }

    @Test("what makes the pieces is let go of at the end")
    func letGo() async {
        final class Owner: Sendable {
            let gone: Latch
            init(_ gone: Latch) { self.gone = gone }
            deinit { gone.open() }
        }
        let gone = Latch()
        let stream = {
            let owner = Owner(gone)
            return ByteStream {
                _ = owner
                return nil
            }
        }()
        for await _ in stream {}
        await #expect(throws: Never.self) { try await gone.wait() }
        stream.cancel()
    }
}
