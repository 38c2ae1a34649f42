internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// One of the seven criteria, judged by what was recorded.
struct DemoCriterion: Sendable, Hashable {
    enum Name: String, Sendable, Hashable, CaseIterable {
        case noRefusalInHandshake = "no 401 during initialisation"
        case freshTokens = "every operation carried a fresh token of the new key"
        case firstTry = "session at the first try"
        case toolsWork = "tools work at once"
        case noRetry = "no retry in the handshake"
        case staleTokenGone = "the stale token is never sent after it was known stale"
        case refusalNamesKey = "the refusal of the old token names the retired key"
    }

    var name: Name
    var holds: Bool
    /// The facts, in a few words.
    var evidence: String

    static func judge(_ run: DemoRun) -> [DemoCriterion] {
        let facts = DemoFacts(run)
        return Name.allCases.map { name in
            let (holds, evidence) = facts.judge(name)
            return DemoCriterion(name: name, holds: holds, evidence: evidence)
        }
    }
}

/// What the criteria look at.
private struct DemoFacts {
    let run: DemoRun
    let handshake: [DemoRequest]
    let operations: [DemoRequest]
    /// Operations whose token was refused: a rotation overtook it.
    let overtaken: [DemoRequest]

    init(_ run: DemoRun) {
        self.run = run
        handshake = run.requests.filter { $0.server.phase == .handshake && $0.server.httpMethod == "POST" }
        operations = run.requests.filter { $0.server.phase == .operation }
        overtaken = operations.filter { $0.server.status == 401 && $0.token != nil }
    }

    func judge(_ name: DemoCriterion.Name) -> (holds: Bool, evidence: String) {
        switch name {
        case .noRefusalInHandshake:
            let refused = handshake.count { $0.server.status == 401 }
            return (refused == 0 && !handshake.isEmpty, "\(refused) of \(handshake.count) requests refused")
        case .freshTokens: return freshTokens()
        case .firstTry:
            let tries = handshake.filter { $0.server.method == "initialize" }
            return (tries.map(\.server.status) == [200], "\(tries.count) × initialize")
        case .toolsWork:
            let answered = operations.count { $0.server.verdict == .admitted && $0.server.status == 200 }
            let atOnce = operations.first?.server.verdict == .admitted && run.failure == nil
            return (atOnce && answered == Cure.calls, "\(answered) of \(Cure.calls) calls answered")
        case .noRetry:
            let methods = handshake.compactMap(\.server.method)
            let repeated = methods.count - Set(methods).count
            return (methods == ["initialize", "notifications/initialized"], "\(repeated) requests repeated")
        case .staleTokenGone: return staleTokenGone()
        case .refusalNamesKey: return refusalNamesKey()
        }
    }

    /// Each token was young; what was admitted was signed with the newest secret of its moment; one token was overtaken
    /// by the second rotation, and replaced.
    private func freshTokens() -> (Bool, String) {
        let carried = operations.filter { $0.token != nil }
        let ages = carried.map { $0.server.tokenAge ?? .seconds(Int64.max) }
        let admitted = operations.filter { $0.server.verdict == .admitted }
        let generations = admitted.map { request in run.keys.firstIndex { $0 == request.keyFingerprint } }
        let holds =
            carried.count == operations.count && ages.allSatisfy { $0 < .seconds(300) } && generations == [1, 2, 2]
            && overtaken.count == 1
        let oldest = ages.max().map { ", the oldest \(DemoText.age($0))" } ?? ""
        return (holds, "\(carried.count) of \(operations.count) operations with a token\(oldest)")
    }

    private func staleTokenGone() -> (Bool, String) {
        var refused: Set<Int> = []
        var again = 0
        for request in run.requests {
            guard let token = request.token else { continue }
            // Yesterday's secret was known to be stale before the first request.
            if refused.contains(token) || request.keyFingerprint == run.keys.first { again += 1 }
            if request.server.status == 401 { refused.insert(token) }
        }
        return (again == 0 && !refused.isEmpty, "\(refused.count) refused, sent again \(again) times")
    }

    private func refusalNamesKey() -> (Bool, String) {
        // In the incident it is the handshake that was refused; the server said the same there, and nobody read it.
        let refusals = overtaken + handshake.filter { $0.server.status == 401 && $0.token != nil }
        guard let refusal = refusals.first else { return (false, "no old token was refused") }
        let detail = refusal.server.detail ?? ""
        let isNamed = refusal.keyFingerprint.map { detail.contains($0) } ?? false
        let holds = refusal.server.reason == .keyRetired && detail.contains(DemoKeys.kid) && isNamed
        let reason = refusal.server.reason?.rawValue ?? "no reason"
        return (holds, holds ? "\(reason): \(DemoKeys.kid) (\(refusal.keyFingerprint ?? ""))" : reason)
    }
}
