#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Something whose cost is of interest: does its work so many times.
public struct Subject: Sendable {
    public let name: String
    let work: @Sendable (_ times: Int) async throws -> Void

    public init(_ name: String, _ work: @escaping @Sendable (_ times: Int) async throws -> Void) {
        self.name = name
        self.work = work
    }
}

/// Measures subjects one against the other and prints a JSON object a line for each.
///
/// Processor time, not the clock on the wall, so that a busy machine disturbs it little; in rounds that take every
/// subject in turn, so that what disturbs it all the same disturbs them alike.
public struct Comparison: Sendable {
    public var rounds: Int
    /// Processor time that a subject gets in a round, about.
    public var nanosecondsPerRound: Double
    /// Groups that do not begin with this are left out: the program's first argument.
    public var only = CommandLine.arguments.dropFirst().first ?? ""
    /// The one subject that is wanted, to profile it: the program's second argument.
    public var onlySubject = CommandLine.arguments.dropFirst(2).first

    public init(rounds: Int = 9, nanosecondsPerRound: Double = 25e6) {
        self.rounds = rounds
        self.nanosecondsPerRound = nanosecondsPerRound
    }

    /// Runs on the threads that a server runs on, not on the main one, so that a library with an actor does not pay for a
    /// change of threads with each call.
    ///
    /// - Parameter group: what the subjects have in common: the row of a table.
    @concurrent public func run(_ group: String, _ subjects: [Subject]) async throws {
        guard group.hasPrefix(only) else { return }
        let subjects = onlySubject.map { name in subjects.filter { $0.name == name } } ?? subjects
        var counts: [Int] = []
        for subject in subjects { counts.append(try await calibrate(subject)) }
        var costs = subjects.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (index, subject) in subjects.enumerated() {
                let began = processorTime()
                try await subject.work(counts[index])
                costs[index].append((processorTime() - began) / Double(counts[index]))
            }
        }
        for (index, subject) in subjects.enumerated() {
            let rounds = costs[index].map { String(Int($0.rounded())) }.joined(separator: ",")
            print(#"{"group":"\#(group)","subject":"\#(subject.name)","nanoseconds":[\#(rounds)]}"#)
        }
    }

    /// How many times make a round. Warms the subject up, too.
    private func calibrate(_ subject: Subject) async throws -> Int {
        var times = 1
        while true {
            let began = processorTime()
            try await subject.work(times)
            let spent = processorTime() - began
            if spent > nanosecondsPerRound / 5 {
                return max(1, Int(Double(times) * nanosecondsPerRound / spent))
            }
            times *= 4
        }
    }
}

/// The processor time that this process has used, in nanoseconds.
public func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Keeps the optimiser from leaving out what made the value.
@inline(never) @_optimize(none)
public func consume<Value>(_ value: Value) {}
