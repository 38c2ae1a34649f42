import Synchronization
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("The streams of a session")
struct SessionStreamsTests {
    private let clock = FakeClock()
    private let changes = ChangeHub()

    private func house(_ configuration: StreamConfiguration) -> SessionStreams.House {
        SessionStreams.House(
            configuration: configuration, clock: clock, budget: KeptBudget(limit: configuration.keptBytesInAll),
            changes: changes)
    }

    private func session(_ configuration: StreamConfiguration = StreamConfiguration()) -> SessionStreams {
        SessionStreams(house(configuration), session: SessionState(version: .v2025_11_25))
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func resumed(_ streams: SessionStreams, after id: String) throws -> StreamReader {
        guard case .stream(let pieces) = streams.resume(after: id, terms: .init()) else {
            throw Unexpected("nothing is kept of \(id)")
        }
        return StreamReader(pieces)
    }

    /// requirement: B-42, B-43
    @Test("what is resumed is what followed on that very stream, and nothing of another one")
    func resumption() async throws {
        let streams = session()
        let one = try #require(streams.open(for: .integer(1), isOwners: false))
        let two = try #require(streams.open(for: .integer(2), isOwners: false))
        for stream in [one, two] { stream.attach().cancel() }
        for number in 1...3 {
            one.offer(bytes("\"one \(number)\""))
            two.offer(bytes("\"two \(number)\""))
        }
        one.finish(bytes("\"answer 1\""))
        var reader = try resumed(streams, after: "1-0")
        #expect(try await reader.messages() == ["one 2", "one 3", "answer 1"])
        #expect(reader.lastEventID == "1-3")
        // Again, as often as the client comes back.
        reader = try resumed(streams, after: "1-2")
        #expect(try await reader.messages() == ["answer 1"])
        var second = try resumed(streams, after: "2-1")
        #expect(try await second.message() == "two 3")
        two.finish(bytes("\"answer 2\""))
        #expect(try await second.messages() == ["answer 2"])
    }

    @Test(
        "an id that was never given out resumes nothing",
        arguments: ["", "1", "9-0", "-1-0", "1-0-0", "1-", "-", "a-b", "1-9999999999999999999999", "1-\u{661}"])
    func unknown(_ id: String) throws {
        let streams = session()
        _ = streams.open(for: .integer(1), isOwners: false)
        guard case .unknown = streams.resume(after: id, terms: .init()) else {
            throw Unexpected("\(id) is known")
        }
    }

    @Test("a session keeps so many events and bytes; messages go before answers, the oldest first")
    func bounds() async throws {
        let streams = session(StreamConfiguration(keptEvents: 3))
        let stream = try #require(streams.open(for: .integer(1), isOwners: false))
        stream.attach().cancel()
        for number in 0..<5 { stream.offer(bytes("\(number)")) }
        #expect(streams.keptEvents == 3)
        stream.finish(bytes("\"answer\""))
        #expect(streams.keptEvents == 3)
        var reader = try resumed(streams, after: "1-0")
        #expect(await reader.piece()?.hasPrefix(": 2 messages of this stream fell out") == true)
        #expect(try await reader.messages() == [3, 4, "answer"])
        let small = session(StreamConfiguration(keptBytes: 100))
        let other = try #require(small.open(for: .integer(1), isOwners: false))
        other.attach().cancel()
        for number in 0..<50 { other.offer(bytes("\(number)")) }
        #expect(small.keptBytes <= 100 && small.keptBytes > 70)
    }

    @Test("who comes back for an answer that fell out is told so, by an error in its place")
    func lostAnswer() async throws {
        let streams = session(StreamConfiguration(keptBytes: 40))
        let stream = try #require(streams.open(for: .string("seven"), isOwners: false))
        var reader = StreamReader(stream.attach())
        stream.prime()
        #expect(try await reader.event()?.id == "1-0")
        stream.dismiss()
        stream.finish(bytes("\"\(String(repeating: "x", count: 100))\""))
        var back = try resumed(streams, after: "1-0")
        let messages = try await back.messages()
        #expect(messages.count == 1 && messages[0]["id"] == "seven")
        #expect(messages[0]["error"]?["code"] == 410)
        #expect(messages[0]["error"]?["message"]?.string?.contains("send the request again") == true)
    }

    @Test("a large answer reaches a reader that is there, though it is larger than all that is kept")
    func largeAnswer() async throws {
        let streams = session(StreamConfiguration(keptBytes: 40))
        let stream = try #require(streams.open(for: .integer(1), isOwners: false))
        var reader = StreamReader(stream.attach())
        let text = String(repeating: "x", count: 1 << 20)
        stream.finish(bytes("\"\(text)\""))
        #expect(try await reader.messages() == [.string(text)])
        #expect(streams.keptBytes == 0)
    }

    @Test("all sessions together keep so much and no more, and give it back when they end")
    func budget() throws {
        let configuration = StreamConfiguration(keptBytesInAll: 200)
        let house = house(configuration)
        let sessions = (0..<10).map { _ in SessionStreams(house, session: SessionState(version: .v2025_11_25)) }
        for streams in sessions {
            let stream = try #require(streams.open(for: .integer(1), isOwners: false))
            stream.attach().cancel()
            for _ in 0..<5 { stream.offer(bytes("0123456789")) }
        }
        #expect(house.budget.used <= 200)
        #expect(house.budget.used == sessions.reduce(0) { $0 + $1.keptBytes })
        for streams in sessions { streams.end() }
        #expect(house.budget.used == 0)
    }

    @Test("a session has so many streams; the oldest that is over makes room, and where all are open there is none")
    func maximum() async throws {
        let streams = session(StreamConfiguration(maximumPerSession: 3))
        let open = try (1...3)
            .map { number -> (EventStream, ByteStream) in
                let stream = try #require(streams.open(for: .integer(number), isOwners: false))
                return (stream, stream.attach())
            }
        #expect(streams.open(for: .integer(4), isOwners: false) == nil)
        open[1].0.finish(bytes("1"))
        var reader = StreamReader(open[1].1)
        #expect(try await reader.messages() == [1])
        #expect(streams.open(for: .integer(4), isOwners: false) != nil)
        #expect(streams.count == 3)
        guard case .unknown = streams.resume(after: "2-0", terms: .init()) else {
            throw Unexpected("stream 2 is still there")
        }
    }

    // MARK: - Streams that a GET opened

    /// requirement: B-38, B-39
    @Test("each message goes out on one stream: the latest that is open")
    func oneStream() async throws {
        let streams = session()
        var first = StreamReader(try #require(streams.stand(isOwners: false, primes: false, terms: .init())))
        let second = try #require(streams.stand(isOwners: false, primes: false, terms: .init()))
        var reader = StreamReader(second)
        changes.publish(.tools)
        #expect(try await reader.message()?["method"] == "notifications/tools/list_changed")
        second.cancel()
        changes.publish(.prompts)
        #expect(try await first.message()?["method"] == "notifications/prompts/list_changed")
        #expect(!first.text.contains("tools"))
    }

    @Test("what comes while nobody reads waits on the last stream, each change once")
    func waiting() async throws {
        let streams = session()
        let pieces = try #require(streams.stand(isOwners: false, primes: true, terms: .init()))
        var reader = StreamReader(pieces)
        #expect(try await reader.event()?.id == "1-0")
        pieces.cancel()
        for _ in 0..<10 { streams.tell(.notification(method: "a", params: nil), key: "a", isOwners: false) }
        streams.tell(.notification(method: "b", params: nil), key: "b", isOwners: false)
        var back = try resumed(streams, after: "1-0")
        #expect(try await back.message()?["method"] == "a")
        #expect(try await back.message()?["method"] == "b")
    }

    @Test("what depends on the owner goes out on a stream that was opened with the owner's token, and on no other")
    func owners() async throws {
        let streams = session()
        _ = streams.session.subscribe(to: "test://a")
        var owners = StreamReader(try #require(streams.stand(isOwners: true, primes: false, terms: .init())))
        var anonymous = StreamReader(try #require(streams.stand(isOwners: false, primes: false, terms: .init())))
        changes.publish(.resource("test://b"))
        changes.publish(.resource("test://a"))
        let update = try #require(try await owners.message())
        #expect(update["method"] == "notifications/resources/updated" && update["params"]?["uri"] == "test://a")
        changes.publish(.resources)
        #expect(try await anonymous.message()?["method"] == "notifications/resources/list_changed")
        #expect(!anonymous.text.contains("updated") && !owners.text.contains("test://b"))
    }

    @Test("so many GET streams may be open; a further one ends the oldest, which is told why")
    func standing() async throws {
        let streams = session(StreamConfiguration(maximumStanding: 2))
        let open = try (0..<3)
            .map { _ in
                try #require(streams.stand(isOwners: false, primes: false, terms: .init()))
            }
        var oldest = StreamReader(open[0])
        #expect(await oldest.piece()?.hasPrefix(": closed: the session has opened 2 streams since") == true)
        #expect(await oldest.piece() == nil)
        streams.tell(.notification(method: "a", params: nil), isOwners: false)
        var latest = StreamReader(open[2])
        #expect(try await latest.message()?["method"] == "a")
    }

    /// requirement: B-30
    @Test("the end of the session ends its streams, with a line that says so, and nothing begins any more")
    func end() async throws {
        let streams = session()
        var standing = StreamReader(try #require(streams.stand(isOwners: false, primes: false, terms: .init())))
        let stream = try #require(streams.open(for: .integer(1), isOwners: false))
        var request = StreamReader(stream.attach())
        streams.end()
        #expect(await standing.piece()?.hasPrefix(": closed: the session has ended") == true)
        #expect(await standing.piece() == nil)
        #expect(await request.piece()?.hasPrefix(": closed: the session has ended") == true)
        #expect(await request.piece() == nil)
        #expect(streams.open(for: .integer(2), isOwners: false) == nil)
        #expect(streams.stand(isOwners: false, primes: false, terms: .init()) == nil)
        #expect(changes.count == 0)
    }
}
