internal import Synchronization

/// The body of a streaming answer: pieces of bytes that one reader pulls, one after the other.
///
/// The reader makes the pace: a piece is asked for when the one before has left for the peer, and what waits meanwhile
/// is bounded (``Writer``). A reader that goes away says so with ``cancel()``, or lets go of the stream.
public struct ByteStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = Never

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let source: Source

        /// The next piece, as soon as there is one; `nil` at the end, and where the task is cancelled.
        public mutating func next() async -> [UInt8]? { await source.next() }
    }

    private let source: Source

    /// A stream whose pieces are made when they are asked for, such that nothing ever waits for its reader.
    ///
    /// - Parameters:
    ///   - next: makes the next piece; `nil` at the end. Let go of when the stream has ended.
    ///   - onCancel: the reader went away before the end.
    public init(
        _ next: @escaping @Sendable () async -> [UInt8]?, onCancel: @escaping @Sendable () -> Void = {}
    ) {
        self.source = Source(next: next, onCancel: onCancel)
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

    /// The reader goes away: whoever writes is told at once, and there are no more pieces.
    public func cancel() { source.cancel() }
}

extension ByteStream {
    /// What makes the pieces, until the stream has ended one way or the other.
    fileprivate final class Source: Sendable {
        private struct Producer: Sendable {
            let next: @Sendable () async -> [UInt8]?
            let onCancel: @Sendable () -> Void
        }

        private let producer: Mutex<Producer?>

        init(next: @escaping @Sendable () async -> [UInt8]?, onCancel: @escaping @Sendable () -> Void) {
            self.producer = Mutex(Producer(next: next, onCancel: onCancel))
        }

        deinit { cancel() }

        func next() async -> [UInt8]? {
            guard !Task.isCancelled else {
                cancel()
                return nil
            }
            guard let producer = producer.withLock({ $0 }) else { return nil }
            guard let piece = await producer.next() else {
                // A task that was cancelled went away; else it was the end.
                if Task.isCancelled { cancel() } else { _ = take() }
                return nil
            }
            return piece
        }

        func cancel() { take()?.onCancel() }

        private func take() -> Producer? {
            producer.withLock { producer in
                defer { producer = nil }
                return producer
            }
        }
    }
}
