internal import Synchronization
internal import VestibuleProtocol
internal import VestibuleServer

/// The stages that there are: a few, and none for long.
final class ReplayStages: Sendable {
    /// When another one is made, the oldest goes.
    static let maximum = 16
    static let lifetime = Duration.seconds(600)

    private let origin: String
    private let tools: [ServedTool]
    private let clock: any WallClock
    private let stages = Mutex<[ReplayStage]>([])

    init(origin: String, tools: [ServedTool], clock: any WallClock) {
        self.origin = origin
        self.tools = tools
        self.clock = clock
    }

    func open(_ part: ReplayStage.Part) throws -> ReplayStage {
        let stage = try ReplayStage(
            id: RandomID.makeSecret(), part: part, origin: origin, tools: tools, clock: clock)
        stages.withLock { stages in
            forgetOld(&stages)
            stages.append(stage)
            if stages.count > Self.maximum { stages.removeFirst(stages.count - Self.maximum) }
        }
        return stage
    }

    /// The stage of that id, unless its time is over.
    subscript(id: some StringProtocol) -> ReplayStage? {
        stages.withLock { stages in
            forgetOld(&stages)
            return stages.first { $0.id.hasSameBytes(as: String(id)) }
        }
    }

    var count: Int { stages.withLock { $0.count } }

    private func forgetOld(_ stages: inout [ReplayStage]) {
        let now = clock.now()
        // By magnitude, because a wall clock may be set back.
        stages.removeAll { (now - $0.createdAt).magnitude >= Self.lifetime.inSeconds }
    }
}
