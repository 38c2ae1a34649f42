/// One end of a channel between two parties in the same process.
///
/// ```swift
/// let (ours, theirs) = InProcessChannel.pair()
/// ```
///
/// Each direction holds a bounded number of messages; whoever sends more waits until the other side has received one.
public final class InProcessChannel: MessageChannel {
    private let outgoing: BoundedQueue<[UInt8]>
    private let incoming: BoundedQueue<[UInt8]>

    private init(outgoing: BoundedQueue<[UInt8]>, incoming: BoundedQueue<[UInt8]>) {
        self.outgoing = outgoing
        self.incoming = incoming
    }

    /// Both ends of a new channel.
    ///
    /// - Parameter bound: How many messages wait in each direction before a sender waits, too. Default 16, at least 1.
    public static func pair(bound: Int = 16) -> (InProcessChannel, InProcessChannel) {
        let there = BoundedQueue<[UInt8]>(bound: bound)
        let back = BoundedQueue<[UInt8]>(bound: bound)
        return (
            InProcessChannel(outgoing: there, incoming: back), InProcessChannel(outgoing: back, incoming: there)
        )
    }

    public func send(_ message: [UInt8]) async throws {
        guard try await outgoing.push(message) else { throw ChannelClosed() }
    }

    public func receive() async throws -> [UInt8]? { try await incoming.pop() }

    public func close() async { outgoing.finish() }
}
