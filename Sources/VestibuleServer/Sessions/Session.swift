internal import Crypto
internal import VestibuleAuth
internal import VestibuleProtocol

/// A legacy session, as it stands at one moment.
struct Session: Sendable {
    let id: String
    /// What `initialize` settled, and what was asked for since.
    let state: SessionState
    let streams: SessionStreams
    /// `clientInfo.name` of its `initialize`.
    let clientName: String?
    /// To whom it is bound: the first subject that showed a verified token on it. Never undone.
    var owner: Principal.Identity?
    /// The `Authorization` that was verified last, kept only with ``SessionConfiguration/Authority/session``. It is
    /// verified anew for every request that it is lent to: its key may have been retired since, or the token revoked.
    var remembered: String?

    var version: ProtocolVersion { state.version }

    /// Eight hexadecimal digits that tell sessions apart in logs.
    let fingerprint: String

    init(
        id: String = RandomID.make(), state: SessionState, streams: SessionStreams, owner: Principal.Identity? = nil,
        remembered: String? = nil
    ) {
        self.id = id
        self.state = state
        self.streams = streams
        self.clientName = state.clientInfo?.name
        self.owner = owner
        self.remembered = remembered
        self.fingerprint = SHA256.hash(data: Array(id.utf8)).prefix(4).hexadecimal
    }
}
