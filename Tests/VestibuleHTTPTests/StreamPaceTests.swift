import Dispatch
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import Synchronization
import Testing
import VestibuleServer

@testable import VestibuleHTTP

@Suite("The pace of a stream")
struct StreamPaceTests {
    @Test("a piece is made once the event loop has come to the one before, however busy it is")
    func busyLoop() async throws {
        let pieces = Countdown(from: 1000)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let closed = loop.makePromise(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        loop.execute { gate.wait() }
        let written = try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (writer, sink) = Self.ends(of: ResponseWriter.init)
            let response = EndpointResponse(
                head: HTTPResponse(status: .ok), body: .stream(AsyncStream { pieces.next() }))
            tasks.addTask {
                try await ResponseWriter(outbound: writer).write(response, until: closed.futureResult)
            }
            var parts = sink.makeAsyncIterator()
            var written = 0
            // The head and the first piece.
            for _ in 0..<2 where await parts.next() != nil { written += 1 }
            // Without the pace a thousand would be through by then.
            for _ in 0..<100 { await Task.yield() }
            #expect(pieces.made == 1)
            gate.signal()
            try await tasks.waitForAll()
            writer.finish()
            while await parts.next() != nil { written += 1 }
            return written
        }
        #expect(written == 1002 && pieces.made == 1000)
        closed.succeed()
        try await group.shutdownGracefully()
    }

    /// Where a writer writes to, and where it is read.
    private static func ends<Part>(
        of make: (NIOAsyncChannelOutboundWriter<Part>) -> ResponseWriter
    ) -> (NIOAsyncChannelOutboundWriter<Part>, NIOAsyncChannelOutboundWriter<Part>.TestSink) {
        NIOAsyncChannelOutboundWriter<Part>.makeTestingWriter()
    }

    /// Pieces up to a number.
    private final class Countdown: Sendable {
        private let number: Int
        private let count = Atomic(0)

        init(from number: Int) {
            self.number = number
        }

        var made: Int { count.load(ordering: .relaxed) }

        func next() -> [UInt8]? {
            guard made < number else { return nil }
            count.add(1, ordering: .relaxed)
            return [0x78]
        }
    }
}
