import Testing
import VestibuleProtocol

@testable import VestibuleCommands

@Suite("vestibule demo")
struct DemoTests {
    /// Runs the demonstration with parts of the cure switched off.
    private func demo(
        _ part: DemoCommand.Part = .after, without mutations: Set<DemoMutation>
    ) async throws -> (report: JSONValue, failure: CommandFailure?) {
        let output = TextCapture()
        let context = CommandContext(
            executable: "vestibule", environment: [:], output: TextSink { output.append($0) },
            talk: TextSink { _ in }, input: { _ in [] }, clock: SystemClock(), shutdown: nil)
        do {
            try await DemoCommand.replay(part, json: true, in: context, without: mutations)
            return (try JSONParser().parse(output.text), nil)
        } catch let failure as CommandFailure {
            return (try JSONParser().parse(output.text), failure)
        }
    }

    private func missed(_ report: JSONValue) -> Set<String> {
        Set((report["criteria"]?.array ?? []).filter { $0["holds"] == false }.compactMap { $0["name"]?.string })
    }

    @Test("replays the incident and its cure, and every criterion holds")
    func both() async throws {
        let run = await vestibule("demo", "--json")
        #expect(run.status == .success, "\(run.talk)")
        let report = try JSONParser().parse(run.output)
        #expect(report["holds"] == true)
        #expect(report["criteria"]?.array?.count == 7)
        let before = try #require(report["before"]?["requests"]?.array)
        #expect(before.map { $0["status"]?.integer } == [401, 401, 401, 200, 202, 401])
        #expect(
            before.map { $0["reason"]?.string }
                == ["key_retired", "key_retired", "key_retired", nil, nil, "token_missing"])
        #expect(before.map { $0["token"]?.bool } == [true, true, true, false, false, false])
        let after = try #require(report["after"]?["requests"]?.array)
        #expect(after.map { $0["status"]?.integer } == [200, 202, 200, 401, 200, 200, 204])
        #expect(after.map { $0["token"]?.bool } == [false, false, true, true, true, true, true])
        #expect(report["after"]?["failure"] == nil)
    }

    @Test("fits 120 columns side by side, stacks in fewer, and shows no token or secret")
    func page() async throws {
        let run = await vestibule("demo")
        #expect(run.status == .success, "\(run.talk)")
        #expect(run.outputLines.allSatisfy { $0.count <= 120 }, "\(run.outputLines.map(\.count))")
        #expect(run.output.contains("│ AFTER"))
        #expect(run.output.contains("7 of 7 criteria"))
        #expect(run.outputLines.count { $0.hasPrefix("  ✓") } == 7)
        #expect(!run.output.contains("eyJ") && !run.output.contains("\u{1B}"))
        let narrow = TextCapture()
        let context = CommandContext(
            executable: "vestibule", environment: [:],
            output: TextSink(width: 80, usesColor: true) { narrow.append($0) },
            talk: TextSink { _ in }, input: { _ in [] }, clock: SystemClock(), shutdown: nil)
        try await DemoCommand.replay(.both, json: false, in: context, without: [])
        #expect(!narrow.text.contains("│") && narrow.text.contains("AFTER: the same on VestibuleClient"))
        #expect(narrow.text.contains("\u{1B}[32m✓"))
        for line in narrow.lines {
            let shown = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
            #expect(shown.count <= 80, "\(shown)")
        }
        let before = await vestibule("demo", "before")
        #expect(before.status == .success && !before.output.contains("AFTER"))
        #expect(before.outputLines.allSatisfy { $0.count <= 120 })
    }

    @Test(
        "exits 1 and unticks the right criteria when a part of the cure is switched off",
        arguments: [
            (.sendsCachedTokenOnHandshake, [.noRefusalInHandshake, .noRetry, .firstTry, .staleTokenGone]),
            (.keepsRefusedToken, [.staleTokenGone, .toolsWork, .freshTokens]),
            (.sendsNoToken, [.freshTokens, .toolsWork, .refusalNamesKey]),
            (.forgetsRetiredKeys, [.refusalNamesKey]),
            (.ignoresRotation, [.toolsWork, .freshTokens]),
        ] as [(DemoMutation, [DemoCriterion.Name])])
    func mutation(mutation: DemoMutation, expected: [DemoCriterion.Name]) async throws {
        let (report, failure) = try await demo(without: [mutation])
        #expect(failure?.status == .refused)
        #expect(report["holds"] == false)
        let missed = missed(report)
        for name in expected { #expect(missed.contains(name.rawValue), "\(name) is still ticked: \(report)") }
        #expect(failure?.message.contains(expected.first?.rawValue ?? "") == true)
    }

    @Test("a ring that forgets retired keys unticks that one criterion alone")
    func onlyOne() async throws {
        let (report, _) = try await demo(without: [.forgetsRetiredKeys])
        #expect(missed(report) == [DemoCriterion.Name.refusalNamesKey.rawValue])
    }
}
