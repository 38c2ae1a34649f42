import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("An answer that may become a stream")
struct ReplyStreamTests {
    private let clock = FakeClock()

    private func carrier(endsWithReader: Bool = false, onAnswer: @escaping @Sendable () -> Void = {})
        -> ReplyStream.Carrier
    {
        let clock = clock
        return ReplyStream.Carrier(
            open: { reply in
                EventStream(.init(StreamConfiguration()), clock: clock) { [weak reply] _ in reply?.readerDeparted() }
            },
            attach: { stream, _ in stream.attach() }, endsWithReader: endsWithReader, onAnswer: { _ in onAnswer() })
    }

    private static let done = Answer.json(200, Array("\"done\"".utf8))

    private func notification(_ number: Int) -> RPCMessage {
        .notification(method: "notifications/test", params: ["number": .integer(number)])
    }

    @Test("work that sends nothing is answered as it is, and what it sends afterwards goes nowhere")
    func plain() async {
        let reply = ReplyStream(carrier { Issue.record("told of a stream's answer") })
        let answer = await reply.answer(RunningReplies()) { Self.done }
        #expect(answer.stream == nil && answer.body == Self.done.body)
        #expect(await !reply.tell(notification(1)))
    }

    /// requirement: B-08, B-23, B-28, D-08
    @Test("the first message makes it a stream, which the answer ends; after it nothing is sent")
    func streaming() async throws {
        let answered = Latch()
        let reply = ReplyStream(carrier { answered.open() })
        let answer = await reply.answer(RunningReplies()) {
            _ = await reply.tell(notification(1))
            _ = await reply.tell(notification(2))
            return Self.done
        }
        #expect(answer.status == 200 && answer.fields[.contentType] == "text/event-stream")
        #expect(answer.fields[.xAccelBuffering] == "no")
        var reader = StreamReader(try #require(answer.stream))
        #expect(try await reader.message()?["params"]?["number"] == 1)
        #expect(try await reader.message()?["params"]?["number"] == 2)
        #expect(try await reader.messages() == ["done"])
        try await answered.wait()
        #expect(await !reply.tell(notification(3)))
    }

    @Test("whether a message or the answer is first is decided once, however they race", arguments: 0..<200)
    func race(_: Int) async throws {
        let reply = ReplyStream(carrier())
        let sent = Latch()
        let outcome = Task {
            let isSent = await reply.tell(notification(1))
            sent.open()
            return isSent
        }
        let answer = await reply.answer(RunningReplies()) { Self.done }
        let isSent = await outcome.value
        #expect(isSent == (answer.stream != nil))
        guard let stream = answer.stream else { return }
        var reader = StreamReader(stream)
        #expect(try await reader.messages().count == 2)
    }

    /// requirement: B-74, B-75
    @Test("in the modern era the work is cancelled when the reader of its stream goes; in the legacy era it goes on")
    func disconnect() async throws {
        for endsWithReader in [true, false] {
            let reply = ReplyStream(carrier(endsWithReader: endsWithReader))
            let (goOn, over) = (Latch(), Latch())
            let running = RunningReplies()
            let answer = await reply.answer(running) {
                _ = await reply.tell(notification(1))
                let isCancelled = (try? await goOn.wait()) == nil
                #expect(isCancelled == endsWithReader)
                over.open()
                return Self.done
            }
            answer.stream?.cancel()
            if !endsWithReader { goOn.open() }
            try await over.wait()
            await running.finished()
        }
    }

    @Test("the server's end cancels work that goes on without anybody waiting for it")
    func serverEnds() async throws {
        let running = RunningReplies()
        let reply = ReplyStream(carrier())
        let began = Latch()
        let answer = await reply.answer(running) {
            _ = await reply.tell(notification(1))
            began.open()
            try? await Latch().wait()
            return Self.done
        }
        try await began.wait()
        answer.stream?.cancel()
        running.cancelAll()
        await running.finished()
        #expect(running.count == 0)
    }
}
