internal import ArgumentParser
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct DemoCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Replay the incident and its cure, with a real server and real clients.",
        discussion: """
            Example: vestibule demo

            A front end caches a token; the secret is rotated; the cached token goes with the handshake. Before: three \
            refusals, an anonymous session, and tools that say no. After: the same on VestibuleClient. Nothing leaves \
            this machine. Exit code 1 where one of the seven criteria does not hold.
            """)

    enum Part: String, ExpressibleByArgument, CaseIterable, Sendable { case before, after, both }

    @Argument(help: "before, after or both.") var part = Part.both
    @Flag(help: "Print the record as JSON.") var json = false

    func run(in context: CommandContext) async throws {
        try await Self.replay(part, json: json, in: context, without: [])
    }

    /// - Parameter mutations: Parts of the cure to switch off.
    static func replay(
        _ part: Part, json: Bool, in context: CommandContext, without mutations: Set<DemoMutation>
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vestibule-demo-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var report = DemoReport(
            width: context.output.width ?? 120,
            ink: Ink(isOn: context.output.usesColor))
        let secrets = try DemoKeys.secrets(clock: context.clock)
        if part != .after {
            report.before = try await DemoScene.run(
                folder: "\(folder)/before", secrets: secrets, mutations: [], clock: context.clock
            ) { try await Incident.run(on: $0) }
        }
        if part != .before {
            let after = try await DemoScene.run(
                folder: "\(folder)/after", secrets: secrets, mutations: mutations, clock: context.clock
            ) { try await Cure.run(on: $0) }
            report.after = after
            report.criteria = DemoCriterion.judge(after)
        }
        if json {
            context.output.line(report.json.description)
        } else {
            for line in report.lines() { context.output.line(line) }
        }
        try judge(report)
    }

    private static func judge(_ report: DemoReport) throws(CommandFailure) {
        if let before = report.before, !Incident.isReplayed(by: before) {
            throw .refused("the incident did not happen as it should; the record above shows where it differs")
        }
        let missed = report.criteria.filter { !$0.holds }
        guard missed.isEmpty else {
            throw .refused(
                "the cure does not hold: \(missed.map(\.name.rawValue).joined(separator: "; "))")
        }
    }
}
