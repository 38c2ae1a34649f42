/// A channel of JSON-RPC messages to one peer and back: the pipes of a process, or a pair within one process.
///
/// One reads, any number may send. Messages arrive in the order in which they were sent.
public protocol MessageChannel: Sendable {
    /// Sends one message, JSON in UTF-8 without line ends. Waits while the peer is slow.
    ///
    /// - Throws: ``ChannelClosed`` where either side closed the channel, `CancellationError`, or what the carrier throws.
    func send(_ message: [UInt8]) async throws

    /// The peer's next message; `nil` once the peer has closed its side and everything that it sent was received.
    ///
    /// - Throws: What the carrier throws, or `CancellationError`.
    func receive() async throws -> [UInt8]?

    /// Closes our side: the peer's messages end after what was sent. Closing twice does no harm.
    func close() async
}

extension MessageChannel {
    /// The peer's messages, pulled one by one. To be read by one reader.
    public var messages: ChannelMessages { ChannelMessages(channel: self) }
}

/// The messages that come through a channel.
public struct ChannelMessages: AsyncSequence, Sendable {
    let channel: any MessageChannel

    public struct AsyncIterator: AsyncIteratorProtocol {
        let channel: any MessageChannel

        public mutating func next() async throws -> [UInt8]? { try await channel.receive() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(channel: channel) }
}

/// The channel was closed: nothing can be sent any more.
public struct ChannelClosed: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String = "the channel is closed; open a new one to go on") {
        self.description = description
    }
}
