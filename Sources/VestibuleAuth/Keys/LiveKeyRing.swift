internal import Synchronization
public import VestibuleProtocol

/// A key ring that follows its file: a rotation by another process is noticed on use, within 100 ms, with no restart.
///
/// The file is only looked at when somebody asks, and read only when it has changed. A file that has become missing or
/// bad changes nothing but ``problem``: the last good ring stays.
public final class LiveKeyRing: Sendable {
    /// How old the last look at the file may be before the next use looks again, in seconds: a hair under 100 ms,
    /// because at today's dates a `Double` knows the time to 0.2 µs only.
    static let interval = 0.1 - 1e-6

    private struct State {
        var ring: KeyRing
        var stamp: PrivateFile.Stamp?
        var lookedAt: NumericDate
        var generation: UInt64 = 0
        var problem: KeyError?
    }

    public let file: KeyRingFile
    private let clock: any WallClock
    private let state: Mutex<State>

    /// - Throws: ``KeyError`` where the file holds no usable ring to begin with.
    public init(file: KeyRingFile, clock: any WallClock) throws(KeyError) {
        let (ring, stamp) = try file.read()
        self.file = file
        self.clock = clock
        self.state = Mutex(State(ring: ring, stamp: stamp, lookedAt: clock.now()))
    }

    /// The ring as of at most 100 ms ago.
    public func current() -> KeyRing { snapshot().ring }

    /// The ring as of now, for a token whose key is not in the one at hand.
    public func refreshed() -> KeyRing { snapshot(atOnce: true).ring }

    /// Why the file as it stands could not be loaded, or `nil` where the ring is the file's.
    public var problem: KeyError? { state.withLock { $0.problem } }

    /// A number that changes whenever the ring does, to key caches with.
    public var generation: UInt64 { snapshot().generation }

    func snapshot(atOnce: Bool = false) -> (ring: KeyRing, generation: UInt64) {
        let now = clock.now()
        return state.withLock { state in
            // By magnitude, because a wall clock may be set back.
            if atOnce || (now - state.lookedAt).magnitude >= Self.interval {
                state.lookedAt = now
                reload(&state)
            }
            return (state.ring, state.generation)
        }
    }

    private func reload(_ state: inout State) {
        let stamp = file.file.stamp()
        guard stamp == nil || stamp != state.stamp else { return }
        state.stamp = stamp
        do throws(KeyError) {
            let read = try file.read()
            state.ring = read.ring
            state.stamp = read.stamp
            state.generation += 1
            state.problem = nil
        } catch {
            state.problem = error
            // What the file holds stays wrong until it changes; why it could not be read may pass without a change.
            if error.code == .unreadable { state.stamp = nil }
        }
    }
}
