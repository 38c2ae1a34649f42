import HTTPTypes
import Measuring
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

/// Asks endpoints that have little and endpoints that have much, in turn.
struct Growth {
    let comparison: Comparison

    /// Distinct tokens that come in turn.
    func tokens(_ counts: [Int]) async throws {
        try await compare("calls, by distinct tokens in use", counts) { count in
            let site = try Site()
            let tokens = try (0..<count).map { try site.token(subject: "user-\($0)") }
            // A session for everybody, so that only the tokens differ.
            var requests: [EndpointRequest] = []
            for token in tokens { requests.append(site.call(token: token, session: try await site.openSession())) }
            return (site, requests)
        }
    }

    /// Open sessions that are used in turn.
    func sessions(_ counts: [Int]) async throws {
        try await compare("calls, by open sessions", counts) { count in
            let site = try Site()
            let token = try site.token(subject: "ada")
            var requests: [EndpointRequest] = []
            for _ in 0..<count { requests.append(site.call(token: token, session: try await site.openSession())) }
            return (site, requests)
        }
    }

    /// Rules, of which the last one is the called tool's. Half of them have a `*`.
    func rules(_ counts: [Int]) async throws {
        try await compare("calls, by rules", counts) { count in
            let site = try Site(rules: Self.rules(count))
            return (site, [site.call(token: try site.token(subject: "ada"), session: try await site.openSession())])
        }
    }

    /// Tools, of which the last one is called; no rules.
    func tools(_ counts: [Int]) async throws {
        try await compare("calls, by tools", counts) { count in
            let site = try Site(tools: count)
            return (site, [site.call(token: try site.token(subject: "ada"), session: try await site.openSession())])
        }
    }

    /// The whole list of tools, where half as many rules say who sees what.
    func listings(_ counts: [Int]) async throws {
        try await compare("whole listings, by tools with half as many rules", counts) { count in
            let site = try Site(tools: count, rules: Self.rules(max(1, count / 2)))
            return (site, [site.list(token: try site.token(subject: "ada"), session: try await site.openSession())])
        }
    }

    private static func rules(_ count: Int) -> [Rule] {
        (1..<max(1, count))
            .map { number in
                Rule(
                    tools: [Glob(number.isMultiple(of: 2) ? "tool-\(number)" : "tool-\(number)-*")],
                    permissions: ["read"])
            } + [Rule(tools: ["echo"], permissions: ["read"])]
    }

    private func compare(
        _ group: String, _ counts: [Int], _ make: (Int) async throws -> (Site, [EndpointRequest])
    ) async throws {
        var subjects: [Subject] = []
        for count in counts {
            let (site, requests) = try await make(count)
            for request in requests { try await site.check(request) }
            let turn = Turn(requests)
            subjects.append(
                Subject("\(count)") { times in
                    for _ in 0..<times { consume(await site.endpoint.respond(to: turn.next())) }
                })
        }
        try await comparison.run(group, subjects)
    }
}
