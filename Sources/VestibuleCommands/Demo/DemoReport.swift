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
        return Self.wrap(title, width: width).map(ink.bold)
            + Self.wrap(
                "The tool is bucket_objects_list on demo-bucket; server and clients are real, on loopback only.",
                width: width)
            + Self.wrap("The secrets: \(keys.joined(separator: ", "))", width: width)
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
        return Self.wrap(
            "What the server answered to the old token, with the remedy `refresh` for the client:", width: width)
            + lines.map { "  \(ink.yellow($0))" } + [""]
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = line.isEmpty ? String(word) : "\(line) \(word)"
            }
        }
        return lines
    }

    private func verdict() -> [String] {
        guard !criteria.isEmpty else { return [] }
        let name = criteria.map(\.name.rawValue.count).max() ?? 0
        let evidence = criteria.map(\.evidence.count).max() ?? 0
        let fits = 6 + name + evidence <= width
        let held = criteria.count(where: \.holds)
        let lines = criteria.flatMap { criterion in
            let mark = criterion.holds ? ink.green("✓") : ink.red("✗")
            let evidence = ink.faint(criterion.evidence)
            return fits
                ? ["  \(mark) \(TextTable.pad(criterion.name.rawValue, to: name))  \(evidence)"]
                : ["  \(mark) \(criterion.name.rawValue)", "    \(evidence)"]
        }
        let sum = "The cure holds by \(held) of \(criteria.count) criteria, each judged by what was recorded:"
        return [held == criteria.count ? ink.green(sum) : ink.red(sum)] + lines
    }
}

extension DemoReport {
    /// The record, for programs.
    var json: JSONValue {
        var object = JSONObject()
        object["before"] = before.map { .object($0.json) }
        object["after"] = after.map { .object($0.json) }
        guard !criteria.isEmpty else { return .object(object) }
        object["criteria"] = criteria.json
        object["holds"] = .bool(criteria.allSatisfy(\.holds))
        return .object(object)
    }
}
