internal import Synchronization
public import VestibuleProtocol

/// Passes messages on through a client's end of a channel, and holds what passes against the schemas of MCP
/// (``WireCheck``).
public final class CheckedChannel: MessageChannel {
    /// Whose messages are judged.
    public enum Judged: Sendable, Hashable { case client, server, both }

    private struct State {
        /// What `initialize` has agreed upon.
        var negotiated: ProtocolVersion?
        /// The requests of either side that wait for their answer.
        var asked: [Key: (method: String, version: ProtocolVersion)] = [:]
    }

    private struct Key: Hashable {
        var side: WireSide
        var id: RequestID
    }

    private let channel: any MessageChannel
    private let judged: Judged
    private let state = Mutex(State())

    /// - Parameters:
    ///   - channel: The client's end.
    ///   - judged: Whose messages are ours.
    public init(_ channel: any MessageChannel, judging judged: Judged) {
        self.channel = channel
        self.judged = judged
    }

    public func send(_ message: [UInt8]) async throws {
        note(message, from: .client)
        try await channel.send(message)
    }

    public func receive() async throws -> [UInt8]? {
        let message = try await channel.receive()
        if let message { note(message, from: .server) }
        return message
    }

    public func close() async { await channel.close() }

    private func note(_ bytes: [UInt8], from side: WireSide) {
        guard let json = try? JSONValue(parsing: bytes) else { return }
        for message in json.array ?? [json] {
            let (version, answered) = state.withLock { Self.place(message, from: side, in: &$0) }
            guard judged == .both || judged == (side == .client ? .client : .server) else { continue }
            WireCheck.judge(message, from: side, version, answering: answered)
        }
    }

    /// The revision of a message, and the method that it answers.
    private static func place(
        _ message: JSONValue, from side: WireSide, in state: inout State
    ) -> (ProtocolVersion, String?) {
        let id = message["id"].flatMap(RequestID.init)
        guard let method = message["method"]?.string else {
            let question = id.flatMap { state.asked.removeValue(forKey: Key(side: side.other, id: $0)) }
            var version = question?.version ?? state.negotiated ?? .latestLegacy
            if question?.method == MCPMethod.initialize, let text = message["result"]?["protocolVersion"]?.string {
                let agreed = ProtocolVersion(rawValue: text)
                if agreed.isLegacy { version = agreed }
                state.negotiated = version
            }
            return (version, question?.method)
        }
        var version = state.negotiated ?? .latestLegacy
        if let claim = message["params"]?["_meta"]?[MetaKey.protocolVersion]?.string {
            version = ProtocolVersion.modern.contains(.init(rawValue: claim)) ? .init(rawValue: claim) : .latest
        } else if method == MCPMethod.initialize {
            version = .negotiated(with: .init(rawValue: message["params"]?["protocolVersion"]?.string ?? ""))
        } else if state.negotiated == nil, state.asked.values.contains(where: { $0.version.isModern }) {
            version = .latest
        }
        if let id { state.asked[Key(side: side, id: id)] = (method, version) }
        return (version, nil)
    }
}

extension WireSide {
    fileprivate var other: WireSide { self == .client ? .server : .client }
}
