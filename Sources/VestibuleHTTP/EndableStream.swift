internal import Synchronization

/// A stream that can be ended from outside, also while its reader waits for the next piece.
final class EndableStream: Sendable {
    private struct State {
        var hasEnded = false
        var reading: Task<[UInt8]?, Never>?
    }

    private let pieces: AsyncStream<[UInt8]>
    private let state = Mutex(State())

    init(_ pieces: AsyncStream<[UInt8]>) {
        self.pieces = pieces
    }

    /// The next piece; `nil` at the end.
    func next() async -> [UInt8]? {
        let reading = Task { [pieces] in
            var iterator = pieces.makeAsyncIterator()
            return await iterator.next()
        }
        let hasEnded = state.withLock { state in
            state.reading = reading
            return state.hasEnded
        }
        if hasEnded { reading.cancel() }
        return await withTaskCancellationHandler {
            await reading.value
        } onCancel: {
            reading.cancel()
        }
    }

    func end() {
        let reading = state.withLock { state in
            state.hasEnded = true
            return state.reading
        }
        reading?.cancel()
    }
}
