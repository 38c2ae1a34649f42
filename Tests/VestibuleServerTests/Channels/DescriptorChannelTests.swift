import Foundation
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Messages by lines over file descriptors")
struct DescriptorChannelTests {
    /// A channel between two pipes, and the other ends of both.
    private struct Pipes {
        let toChannel = Pipe()
        let fromChannel = Pipe()

        func channel(maximumLine: Int = 1024) throws -> DescriptorChannel {
            let output = dup(fromChannel.fileHandleForWriting.fileDescriptor)
            try fromChannel.fileHandleForWriting.close()
            return try DescriptorChannel(
                input: toChannel.fileHandleForReading.fileDescriptor, output: output, maximumLine: maximumLine)
        }

        func write(_ text: String) { toChannel.fileHandleForWriting.write(Data(text.utf8)) }
    }

    /// requirement: C-50, B-07
    @Test("each line is a message, however it is cut on its way; empty ones are none")
    func lines() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        pipes.write("{\"a\":")
        pipes.write("1}\r\n\n  \n{\"b\":2}\nrest")
        try pipes.toChannel.fileHandleForWriting.close()
        #expect(try await channel.receive() == Array(#"{"a":1}"#.utf8))
        #expect(try await channel.receive() == Array(#"{"b":2}"#.utf8))
        #expect(try await channel.receive() == nil)
        await channel.close()
    }

    @Test("a line that is too long is named once and passed over")
    func longLines() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel(maximumLine: 10)
        pipes.write(String(repeating: "x", count: 100))
        pipes.write(String(repeating: "x", count: 100) + "\n{}\n")
        try pipes.toChannel.fileHandleForWriting.close()
        await #expect(throws: MessageTooLong.self) { try await channel.receive() }
        #expect(try await channel.receive() == Array("{}".utf8))
        await channel.close()
    }

    @Test("whoever sends waits until the peer reads, and nothing is lost")
    func backPressure() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        let big = [UInt8](repeating: 0x61, count: 1 << 20)
        let sending = Task { try await channel.send(big) }
        let read = Task.detached { try? pipes.fromChannel.fileHandleForReading.readToEnd() }
        try await sending.value
        await channel.close()
        #expect(await read.value?.count == big.count + 1)
        await #expect(throws: ChannelClosed.self) { try await channel.send([0x61]) }
    }

    @Test("a peer that never reads holds a sender up until the channel is closed")
    func closing() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        let sending = Task { try await channel.send([UInt8](repeating: 0x61, count: 1 << 20)) }
        await channel.close()
        await #expect(throws: ChannelClosed.self) { try await sending.value }
        try pipes.fromChannel.fileHandleForReading.close()
    }

    @Test("a reader that is cancelled waits no longer")
    func cancelledReader() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        let reading = Task { try await channel.receive() }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        await channel.close()
    }
}
