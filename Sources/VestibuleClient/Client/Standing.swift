internal import VestibuleProtocol

/// How client and server stand to each other: what era they speak, and in which session.
struct Standing: Sendable {
    /// Tells one from the next.
    var generation: Int
    var codec: any EraCodec
    /// `Mcp-Session-Id`, where the server gave one (legacy era).
    var sessionID: String?
    /// What the server says of itself; `nil` where it was not asked.
    var server: InitializeResult?
    /// Whether the server asked for a token in the handshake.
    var wantedToken = false
    /// Whether the server showed that it speaks this era, as opposed to somebody having said so.
    var isConfirmed = true

    /// Before anything is settled: the handshake itself.
    static func provisional(_ codec: any EraCodec, wantedToken: Bool = false) -> Standing {
        Standing(generation: 0, codec: codec, wantedToken: wantedToken)
    }
}

/// What is true of one call, however many requests it takes.
struct Call: Sendable {
    var patience: Patience?
    var onProgress: ProgressHandler?
    /// Hears what the server says on the stream of this very subscription.
    var onSubscribed: (@Sendable (String, JSONObject?) async -> Void)?
}

typealias ProgressHandler = @Sendable (ProgressParams) -> Void
