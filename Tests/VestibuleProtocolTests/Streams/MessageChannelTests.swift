import Testing
import VestibuleProtocol

@Suite("Channel within one process")
struct MessageChannelTests {
    @Test("messages arrive in order on the other side, and end after the close")
    func order() async throws {
        let (left, right) = InProcessChannel.pair()
        for byte in UInt8(1)...3 { try await left.send([byte]) }
        await left.close()
        var received: [[UInt8]] = []
        for try await message in right.messages { received.append(message) }
        #expect(received == [[1], [2], [3]])
        await #expect(throws: ChannelClosed.self) { try await left.send([4]) }
        // The other direction is still open.
        try await right.send([9])
        #expect(try await left.receive() == [9])
    }

    @Test("a sender waits for a slow receiver: no more than the bound is ever held")
    func bound() async throws {
        let (left, right) = InProcessChannel.pair(bound: 2)
        let sending = Task { for byte in UInt8(0)..<100 { try await left.send([byte]) } }
        for byte in UInt8(0)..<100 { #expect(try await right.receive() == [byte]) }
        try await sending.value
    }

    @Test("whoever is cancelled while waiting leaves at once, and loses nobody's message")
    func cancellation() async throws {
        let (left, right) = InProcessChannel.pair(bound: 1)
        let receiving = Task { try await right.receive() }
        receiving.cancel()
        await #expect(throws: CancellationError.self) { try await receiving.value }
        try await left.send([1])
        let sending = Task { try await left.send([2]) }
        sending.cancel()
        await #expect(throws: CancellationError.self) { try await sending.value }
        #expect(try await right.receive() == [1])
        try await left.send([3])
        #expect(try await right.receive() == [3])
    }

    @Test("closing turns away whoever waits for room")
    func closeWhileFull() async throws {
        let (left, right) = InProcessChannel.pair(bound: 1)
        try await left.send([1])
        let sending = Task { try await left.send([2]) }
        await left.close()
        await #expect(throws: ChannelClosed.self) { try await sending.value }
        #expect(try await right.receive() == [1])
        #expect(try await right.receive() == nil)
    }
}
