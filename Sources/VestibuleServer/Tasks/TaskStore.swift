internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol

/// How tasks are kept (extension `io.modelcontextprotocol/tasks`, 2026-07-28).
public struct TaskConfiguration: Sendable {
    /// How long a task is kept from its creation, whatever becomes of it; one that still runs then is cancelled.
    /// Default 1 h.
    public var lifetime: Duration
    /// How often clients should ask for a task's state. Default 1 s.
    public var pollInterval: Duration
    /// How many tasks there may be, ended ones that are still kept among them. At the bound a tool that would make another
    /// one fails; none is given up before its time, since a task's lifetime is a promise. Default 1000.
    public var maximumTasks: Int
    /// How many of them one principal may have; all who are anonymous count as one. Default 100.
    public var maximumPerPrincipal: Int

    public init(
        lifetime: Duration = .seconds(3600), pollInterval: Duration = .seconds(1), maximumTasks: Int = 1000,
        maximumPerPrincipal: Int = 100
    ) {
        self.lifetime = max(.milliseconds(1), lifetime)
        self.pollInterval = max(.milliseconds(1), pollInterval)
        self.maximumTasks = max(1, maximumTasks)
        self.maximumPerPrincipal = max(1, maximumPerPrincipal)
    }
}

/// The tasks of a server: in memory, each for its own principal only, bounded in number and time.
final class TaskStore: Sendable {
    private struct State {
        var tasks: [ByteKey: RunningTask] = [:]
        var counts: [Principal.Identity?: Int] = [:]
    }

    let configuration: TaskConfiguration
    private let clock: any WallClock
    private let changes: ChangeHub
    private let state = Mutex(State())

    init(_ configuration: TaskConfiguration, clock: any WallClock, changes: ChangeHub) {
        self.configuration = configuration
        self.clock = clock
        self.changes = changes
    }

    /// Whoever ends the server ends its tasks.
    deinit {
        for task in state.withLock({ $0.tasks.values }) { task.abandon() }
    }

    var count: Int { state.withLock { $0.tasks.count } }

    /// A new task, which can be found from now on.
    ///
    /// - Throws: ``ToolError`` at the bounds.
    func create(for owner: Principal.Identity?) throws -> RunningTask {
        let task = RunningTask(
            id: RandomID.make(), owner: owner, now: clock.now(), configuration: configuration, clock: clock
        ) { [changes] in changes.publish(.task($0)) }
        let problem: String? = state.withLock { state in
            guard state.tasks.count < configuration.maximumTasks else {
                return "the server keeps \(configuration.maximumTasks) tasks already; try again later"
            }
            guard state.counts[owner, default: 0] < configuration.maximumPerPrincipal else {
                return "there are \(configuration.maximumPerPrincipal) tasks of this caller already; wait until the "
                    + "oldest has expired"
            }
            state.counts[owner, default: 0] += 1
            state.tasks[ByteKey(task.id)] = task
            return nil
        }
        if let problem { throw ToolError(problem) }
        task.expires(
            with: Task { [weak self, clock, lifetime = configuration.lifetime] in
                guard (try? await clock.sleep(for: lifetime)) != nil else { return }
                self?.expire(task)
            })
        return task
    }

    /// The task, where it is the caller's. Whoever asks for another's learns no more than of one that never was.
    func find(_ id: String, for caller: Principal.Identity?) -> RunningTask? {
        guard let task = state.withLock({ $0.tasks[ByteKey(id)] }), task.owner == caller else { return nil }
        return task
    }

    private func expire(_ task: RunningTask) {
        state.withLock { state in
            guard state.tasks.removeValue(forKey: ByteKey(task.id)) != nil else { return }
            let left = state.counts[task.owner, default: 1] - 1
            state.counts[task.owner] = left > 0 ? left : nil
        }
        task.cancel("its time is over")
    }
}
