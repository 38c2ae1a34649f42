import Synchronization
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleAuth

private let schedule = RotationSchedule(every: .seconds(86_400), overlap: .seconds(600), lifetime: .seconds(299))

@Suite("Keys rotate by a schedule")
struct RotationScheduleTests {
    private let directory: TemporaryDirectory
    private let file: KeyRingFile
    private let clock = FakeClock(NumericDate(1_800_000_000))
    private let start = NumericDate(1_800_000_000)

    init() throws {
        directory = try TemporaryDirectory()
        file = KeyRingFile(path: directory.file("keys.json"))
        var ring = KeyRing()
        try ring.rotate(
            to: RingKey.generate(.es256, kid: "a", createdAt: NumericDate(start.seconds - 1e6)), overlap: .zero,
            now: start)
        try file.save(ring)
    }

    @Test("the age of a key counts from when it began to sign, so that its successor takes over on the day")
    func due() throws {
        var ring = try file.load()
        #expect(schedule.due(ring, at: start) == NumericDate(start.seconds + 86_400))
        #expect(try schedule.rotate(&ring, now: NumericDate(start.seconds + 86_099)) == nil)
        let key = try schedule.rotate(&ring, now: NumericDate(start.seconds + 86_100))
        #expect(key?.state == .scheduled(from: NumericDate(start.seconds + 86_400)))
        #expect(try schedule.rotate(&ring, now: NumericDate(start.seconds + 86_399)) == nil, "one at a time")
        #expect(try schedule.rotate(&ring, now: NumericDate(start.seconds + 86_400 + 86_099)) == nil)
        #expect(ring.active?.kid == key?.kid)
        #expect(schedule.due(ring, at: NumericDate(start.seconds + 90_000)) == NumericDate(start.seconds + 172_800))
    }

    @Test("a key that waits is taken where it is of the algorithm that is asked for; else one is made")
    func algorithm() throws {
        var ring = try file.load()
        try ring.add(Fixture.key(.edDSA, "b", .next))
        try ring.add(Fixture.key(.es384, "c", .next))
        let late = NumericDate(start.seconds + 1e6)
        var wanted = schedule
        wanted.algorithm = .es384
        var changed = ring
        #expect(try wanted.rotate(&changed, now: late)?.kid == "c")
        wanted.algorithm = .hs256
        changed = ring
        #expect(try wanted.rotate(&changed, now: late)?.algorithm == .hs256)
        #expect(try schedule.rotate(&ring, now: late)?.kid == "b")
    }

    @Test("a ring without an active key is left alone")
    func noActiveKey() throws {
        var ring = try KeyRing([Fixture.key(.es256, "b", .next)])
        #expect(try schedule.rotate(&ring, now: NumericDate(4e9)) == nil && ring.keys.count == 1)
    }

    @Test("two servers on one file begin exactly one rotation, and write down how it ends")
    func replicas() async throws {
        let begun = Recorded<String>()
        let rotation = ScheduledRotation(file: file, schedule: schedule, clock: clock) { news in
            if case .begun(let key) = news { begun.append(key.kid) }
        }
        func everybodyLooks() async throws -> [Duration] {
            try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<4 { group.addTask { try rotation.look() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(try await everybodyLooks() == [.seconds(60), .seconds(60), .seconds(60), .seconds(60)])
        #expect(begun.all == [], "not due for a day")
        clock.advance(by: .seconds(86_090))
        #expect(try await everybodyLooks().allSatisfy { $0 == .seconds(10) }, "looks again when it is time")
        clock.advance(by: .seconds(10))
        _ = try await everybodyLooks()
        #expect(begun.all.count == 1)
        clock.advance(by: .seconds(300))
        _ = try await everybodyLooks()
        clock.advance(by: .seconds(600))
        _ = try await everybodyLooks()
        let ring = try file.load()
        #expect(begun.all.count == 1 && ring.keys.count == 2 && ring.active?.kid == begun.all.first)
        #expect(ring[kid: "a"]?.state == .retired(at: NumericDate(start.seconds + 87_000)))
        #expect(ring[kid: "a"]?.canSign == false, "a key that is over loses its private half on the disk, too")
    }

    /// A clock on which an hour passes between one look and the next.
    private final class HourlyClock: WallClock {
        private let time: Mutex<NumericDate>

        init(_ date: NumericDate) { time = Mutex(date) }

        func now() -> NumericDate {
            time.withLock { time in
                defer { time = time + .seconds(3600) }
                return time
            }
        }

        func sleep(for duration: Duration) async throws {}
    }

    @Test("the new key is published for its full time also where the lock had to be waited for")
    func waitedForLock() throws {
        let due = NumericDate(start.seconds + 86_100)
        let rotation = ScheduledRotation(file: file, schedule: schedule, clock: HourlyClock(due))
        _ = try rotation.look()
        let successor = try #require(try file.load().scheduled)
        #expect(successor.createdAt == NumericDate(due.seconds + 3600))
        #expect(successor.state == .scheduled(from: NumericDate(due.seconds + 3900)))
    }

    @Test("a file that cannot be used is told of once, and tried again")
    func problem() async throws {
        let problems = Recorded<KeyError>()
        let rotation = ScheduledRotation(
            file: KeyRingFile(path: directory.file("none.json")), schedule: schedule, clock: clock
        ) { news in
            if case .problem(let error) = news { problems.append(error) }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await rotation.run() }
            for _ in 0..<3 {
                await clock.untilSomebodySleeps(for: .seconds(60))
                clock.advance(by: .seconds(60))
            }
            await clock.untilSomebodySleeps(for: .seconds(60))
            group.cancelAll()
        }
        #expect(problems.all.map(\.code) == [.missingFile])
    }
}
