public import VestibuleProtocol

extension ByteStream {
    /// The writing end of a stream: a queue of bytes between whoever makes them and the peer that reads.
    ///
    /// At ``StreamConfiguration/queueSize`` bytes whoever writes has to wait. A peer that takes nothing of what is
    /// ready for ``StreamConfiguration/stall`` has its stream closed: ``write(_:)`` is then false, as it is once the
    /// reader went away.
    public final class Writer: Sendable {
        private let queue: EventStream

        fileprivate init(_ queue: EventStream) {
            self.queue = queue
        }

        /// Puts a piece behind those that wait. Waits for room.
        ///
        /// - Returns: whether there is still somebody to read it.
        @discardableResult
        public func write(_ piece: [UInt8]) async -> Bool { await queue.send(frame: piece) }

        /// Nothing more comes: the stream ends when what waits was read.
        public func finish() { queue.finish() }
    }

    /// A stream and its writing end.
    ///
    /// - Parameters:
    ///   - onEnd: the reader went away, or took nothing for too long. Not called for a stream that was finished.
    public static func make(
        _ configuration: StreamConfiguration = StreamConfiguration(), clock: any WallClock = SystemClock(),
        onEnd: @escaping @Sendable () -> Void = {}
    ) -> (stream: ByteStream, writer: Writer) {
        var traits = EventStream.Traits(configuration)
        traits.keepAlive = nil
        let queue = EventStream(traits, clock: clock) { _ in onEnd() }
        return (queue.attach(), Writer(queue))
    }
}
