internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol

/// The sessions of one endpoint, in memory.
final class SessionStore: Sendable {
    private let configuration: SessionConfiguration
    private let clock: any WallClock
    private let house: SessionStreams.House
    private let table: Mutex<SessionTable>

    /// - Parameter house: what the sessions' streams share.
    init(_ configuration: SessionConfiguration, clock: any WallClock, house: SessionStreams.House) {
        self.configuration = configuration
        self.clock = clock
        self.house = house
        self.table = Mutex(SessionTable(configuration))
    }

    var count: Int { with { $0.count } }

    func overview(limit: Int) -> SessionOverview {
        let now = clock.now()
        return with { $0.overview(limit: limit, now: now) }
    }

    /// Opens a session, bound at once where `initialize` came with a verified token.
    func open(
        _ state: SessionState, principal: Principal?, authorization: String?
    ) -> Session {
        let session = Session(
            state: state, streams: SessionStreams(house, session: state), owner: principal?.identity,
            remembered: configuration.authority == .session && principal != nil ? authorization : nil)
        let now = clock.now()
        with { $0.insert(session, now: now) }
        return session
    }

    /// The session of that id, whose idle time begins anew.
    func use(_ id: String) -> Session? {
        let now = clock.now()
        return with { $0.use(id, now: now) }
    }

    /// Binds an unbound session to the principal's identity.
    ///
    /// - Returns: the session as it is now: of two subjects that come at once, one is too late. `nil` where it ended.
    func bind(_ id: String, to principal: Principal, authorization: String?) -> Session? {
        let remembers = configuration.authority == .session
        return with { table in
            table.update(id) { session in
                if session.owner == nil { session.owner = principal.identity }
                if remembers, session.owner == principal.identity { session.remembered = authorization }
            }
        }
    }

    func end(_ id: String) {
        with { $0.remove(id) }
    }

    /// Ends the sessions that were idle for too long, and their streams.
    func expire() {
        let now = clock.now()
        with { $0.expire(now: now) }
    }

    /// Does something with the table, and then ends the streams of the sessions that ended by it.
    private func with<Value>(_ body: (inout SessionTable) -> Value) -> Value {
        let (value, ended) = table.withLock { table in
            let value = body(&table)
            return (value, table.takeEnded())
        }
        for session in ended { session.streams.end() }
        return value
    }
}
