public import VestibuleProtocol

/// Rotates the ring of a file by a schedule, for as long as ``run()`` runs.
///
/// Any number of servers may do so on one file: each looks again under the file's lock, so that exactly one begins each
/// rotation. What the dates of the keys have brought is written down, too: a key whose overlap has ended loses its private
/// half.
public struct ScheduledRotation: Sendable {
    public enum News: Sendable {
        /// A rotation has begun; this key is to sign.
        case begun(RingKey)
        /// The ring could not be looked at or changed; it is tried again in a minute. Told once, not each time.
        case problem(KeyError)
    }

    /// From one look at the ring to the next, at most and at least.
    static let longestPause = Duration.seconds(60)
    static let shortestPause = Duration.seconds(1)

    private let file: KeyRingFile
    private let schedule: RotationSchedule
    private let clock: any WallClock
    private let observer: @Sendable (News) -> Void

    /// - Parameter observer: Told of what happens; must not block.
    public init(
        file: KeyRingFile, schedule: RotationSchedule, clock: any WallClock = SystemClock(),
        observer: @escaping @Sendable (News) -> Void = { _ in }
    ) {
        self.file = file
        self.schedule = schedule
        self.clock = clock
        self.observer = observer
    }

    /// Looks and rotates until the task is cancelled.
    public func run() async {
        var problem: KeyError?
        while !Task.isCancelled {
            var pause = Self.longestPause
            do throws(KeyError) {
                pause = try look()
                problem = nil
            } catch {
                if error != problem { observer(.problem(error)) }
                problem = error
            }
            try? await clock.sleep(for: pause)
        }
    }

    /// - Returns: how long until it is worth looking again.
    func look() throws(KeyError) -> Duration {
        var now = clock.now()
        var ring = try file.load()
        if isDue(ring, now: now) {
            let (key, changed) = try file.update { ring throws(KeyError) in
                // Another may have held the lock for a while.
                now = clock.now()
                let key = try schedule.rotate(&ring, now: now)
                return (key, ring)
            }
            ring = changed
            if let key { observer(.begun(key)) }
        }
        let next = [schedule.begins(ring, at: now), ring.nextChange].compactMap(\.self).min()
        guard let next, next - now < Self.longestPause.inSeconds else { return Self.longestPause }
        return max(.seconds(next - now), Self.shortestPause)
    }

    private func isDue(_ ring: KeyRing, now: NumericDate) -> Bool {
        if let change = ring.nextChange, now >= change { return true }
        return schedule.begins(ring, at: now).map { now >= $0 } ?? false
    }
}
