internal import Synchronization
public import VestibuleProtocol

/// A list of revocations that follows its file: what another process revokes is noticed on use, within 100 ms, with no
/// restart.
///
/// The file is only looked at when somebody asks, and read only when it has changed. One that has become bad, or is gone
/// after it was there, changes nothing but ``problem``: what was revoked stays revoked.
public final class LiveRevocations: Sendable {
    /// What following the file brought.
    public enum News: Sendable {
        /// The list has changed; so many revocations are in force.
        case changed(count: Int)
        /// The file cannot be used as it stands; the last good list stays. Told once, not with every look.
        case problem(KeyError)
    }

    private struct State {
        var list: RevocationList
        var stamp: PrivateFile.Stamp?
        var lookedAt: NumericDate
        var problem: KeyError?
    }

    private let file: RevocationFile
    private let clock: any WallClock
    private let observer: @Sendable (News) -> Void
    private let state: Mutex<State>

    /// - Parameter observer: Told of what is found later, on the task of whoever asked; must not block.
    /// - Throws: ``KeyError`` where there is a file, and it holds no usable list to begin with, or where it cannot be
    ///   looked at.
    public init(
        file: RevocationFile, clock: any WallClock, observer: @escaping @Sendable (News) -> Void = { _ in }
    ) throws(KeyError) {
        let read = try file.file.stamp() == nil ? nil : try file.read()
        self.file = file
        self.clock = clock
        self.observer = observer
        self.state = Mutex(State(list: read?.list ?? RevocationList(), stamp: read?.stamp, lookedAt: clock.now()))
    }

    /// Why the principal's token is refused, or `nil` where it is not revoked: the last word of a ``TokenVerifier``.
    public func rejection(of principal: Principal) -> Rejection? { current().rejection(of: principal) }

    /// Why the file as it stands could not be loaded, or `nil` where the list is the file's.
    public var problem: KeyError? { state.withLock { $0.problem } }

    /// The list as of at most 100 ms ago.
    public func current() -> RevocationList {
        let now = clock.now()
        let (list, news) = state.withLock { state -> (RevocationList, News?) in
            var news: News?
            // By magnitude, because a wall clock may be set back.
            if (now - state.lookedAt).magnitude >= LiveKeyRing.interval {
                state.lookedAt = now
                news = look(&state)
            }
            return (state.list, news)
        }
        // Outside the lock: an observer may ask for the list.
        if let news { observer(news) }
        return list
    }

    private func look(_ state: inout State) -> News? {
        var stamp: PrivateFile.Stamp?
        do throws(KeyError) {
            stamp = try file.file.stamp()
            // No file was there, and none is: nothing was ever revoked.
            if stamp == nil, state.stamp == nil, state.problem == nil { return nil }
            guard stamp == nil || stamp != state.stamp else { return nil }
            let read = try file.read()
            state.list = read.list
            state.stamp = read.stamp
            state.problem = nil
            return .changed(count: read.list.count)
        } catch {
            let isNew = error != state.problem
            state.problem = error
            // What the file holds stays wrong until it changes; why it could not be read may pass without a change.
            if error.code != .unreadable, let stamp { state.stamp = stamp }
            return isNew ? .problem(error) : nil
        }
    }
}
