internal import VestibuleProtocol
internal import VestibuleServer

/// The demonstration as a page of text: what was sent, side by side, and the criteria.
struct DemoReport: Sendable {
    var before: DemoRun?
    var after: DemoRun?
    var criteria: [DemoCriterion] = []
    /// Columns that there are.
    var width: Int
    var ink: Ink

    func lines() -> [String] {
        heading() + [""] + timelines() + [""] + explanation() + verdict()
    }

    private func heading() -> [String] {
        let title =
            "A secret is rotated: \(DemoKeys.yesterdaysLength) characters yesterday, \(DemoKeys.todaysLength) today, "
            + "kid \(DemoKeys.kid) both times."
        let ages = ["55 characters, yesterday", "33, today", "33, after one more rotation"]
        let keys = zip((after ?? before)?.keys ?? [], ages).enumerated()
            .map { index, key in
                "\(DemoTimeline.letter(index)) \(key.0) (\(key.1))"
            }
        return [
            ink.bold(title),
            "The tool is bucket_objects_list on demo-bucket; server and clients are real, on loopback only.",
            "The secrets: \(keys.joined(separator: ", "))",
        ]
    }

    private func timelines() -> [String] {
        let left = before.map {
            DemoTimeline(title: "BEFORE: a cached token goes with the handshake", run: $0, ink: ink)
        }
        let right = after.map { DemoTimeline(title: "AFTER: the same on VestibuleClient", run: $0, ink: ink) }
        if let left, let right, width >= 2 * DemoTimeline.width + 2 {
            return DemoTimeline.sideBySide(left, right, ink: ink)
        }
        let stacked = [left, right].compactMap { $0 }.map { $0.rows.map(\.painted) }
        return Array(stacked.joined(separator: [""]))
    }

    /// What the server said of the old token: the line that was missing in the incident.
    private func explanation() -> [String] {
        let requests = (before?.requests ?? []) + (after?.requests ?? [])
        guard let refusal = requests.first(where: { $0.server.reason == .keyRetired }) else { return [] }
        let lines = Self.wrap(refusal.server.detail ?? "", width: max(40, width - 4))
        return ["What the server answered to the old token, with the remedy `refresh` for the client:"]
            + lines.map { "  \(ink.yellow($0))" } + [""]
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if !line.isEmpty, line.count + word.count >= width {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = line.isEmpty ? String(word) : "\(line) \(word)"
            }
        }
        return lines
    }

    private func verdict() -> [String] {
        guard !criteria.isEmpty else { return [] }
        let width = criteria.map(\.name.rawValue.count).max() ?? 0
        let held = criteria.count(where: \.holds)
        let lines = criteria.map { criterion in
            let mark = criterion.holds ? ink.green("✓") : ink.red("✗")
            return "  \(mark) \(TextTable.pad(criterion.name.rawValue, to: width))  \(ink.faint(criterion.evidence))"
        }
        let sum = "The cure holds by \(held) of \(criteria.count) criteria, each judged by what was recorded:"
        return [held == criteria.count ? ink.green(sum) : ink.red(sum)] + lines
    }
}

extension DemoReport {
    /// The record, for programs.
    var json: JSONValue {
        var object = JSONObject()
        object["before"] = before?.json
        object["after"] = after?.json
        guard !criteria.isEmpty else { return .object(object) }
        object["criteria"] = .array(
            criteria.map { criterion in
                [
                    "name": .string(criterion.name.rawValue), "holds": .bool(criterion.holds),
                    "evidence": .string(criterion.evidence),
                ]
            })
        object["holds"] = .bool(criteria.allSatisfy(\.holds))
        return .object(object)
    }
}

extension DemoRun {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["keys": .strings(keys), "requests": .array(requests.map(\.json))]
        object["failure"] = failure.map(JSONValue.string)
        return .object(object)
    }
}
