internal import VestibuleProtocol

/// Where a channel to a server comes from.
protocol ChannelOpener: Sendable {
    /// Whether there is another channel when one has ended.
    var mayReopen: Bool { get }
    /// A new channel.
    ///
    /// - Throws: ``TransportError`` where there is none.
    func open() async throws -> any ServerChannel
}

/// A channel to a server, of which more may be known than it says.
protocol ServerChannel: MessageChannel {
    /// How the server ended, or what it last said beside its messages, in one line; `nil` where nothing is known.
    var lastWords: String? { get async }
    /// Ends it for good.
    func end() async
}

/// One channel that somebody else has opened.
struct GivenChannel: ChannelOpener {
    private struct Channel: ServerChannel {
        let channel: any MessageChannel

        func send(_ message: [UInt8]) async throws { try await channel.send(message) }
        func receive() async throws -> [UInt8]? { try await channel.receive() }
        func close() async { await channel.close() }
        var lastWords: String? { nil }
        func end() async { await channel.close() }
    }

    private let channel: Channel
    let mayReopen = false

    init(_ channel: any MessageChannel) {
        self.channel = Channel(channel: channel)
    }

    func open() async throws -> any ServerChannel { channel }
}
