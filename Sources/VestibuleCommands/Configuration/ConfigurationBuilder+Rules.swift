internal import VestibuleAuth
internal import VestibuleProtocol

extension ConfigurationBuilder {
    /// The rules, each checked against the tools that there are: one that can match nothing would deny in silence.
    mutating func rules(_ access: Settings) -> [Rule]? {
        guard access.entry("rules") != nil else { return nil }
        var rules: [Rule] = []
        for (index, rule) in access.sections("rules").enumerated() {
            let path = "access.rules[\(index)]"
            let matched = matchedTools(rule, path: path)
            let require = rule.section("require")
            rules.append(
                Rule(
                    tools: rule.texts("tools").map { Glob($0) }, scope: require.texts("scopes"),
                    permissions: require.texts("permissions"), roles: require.texts("roles"),
                    arguments: conditions(require, of: matched, path: "\(path).require.arguments")))
        }
        return rules
    }

    private mutating func matchedTools(_ rule: Settings, path: String) -> [Tool] {
        var matched: [Tool] = []
        for (pattern, place) in rule.placedTexts("tools") {
            let found = tools.filter { Glob(pattern).matches($0.name) }
            if found.isEmpty, !tools.isEmpty {
                report(place, "\(path).tools: no tool matches `\(pattern)`\(toolHint(for: pattern))")
            }
            matched += found
        }
        return matched
    }

    private mutating func conditions(_ require: Settings, of matched: [Tool], path: String) -> [ArgumentCondition] {
        var conditions: [ArgumentCondition] = []
        for entry in require.section("arguments").entries {
            guard case .section(let section) = entry.value.value else { continue }
            let argument = Settings(section, at: entry.value.place)
            let keyPath = "\(path).\(entry.name)"
            // A tool that lacks the argument would be called without the condition ever being looked at.
            for tool in matched where !tool.argumentNames.contains(where: { $0.hasSameBytes(as: entry.name) }) {
                report(
                    entry.place, "\(keyPath): \(tool.name) has no such argument\(argumentHint(entry.name, of: tool))")
            }
            let form: ArgumentCondition.Form =
                argument.choice("as") ?? (["bucket", "s3_uri"].contains(entry.name) ? .bucket : .text)
            guard let allowed = allowed(argument, form: form, path: keyPath) else { continue }
            conditions.append(ArgumentCondition(argument: entry.name, form: form, allowed: allowed))
        }
        return conditions
    }

    private mutating func allowed(
        _ argument: Settings, form: ArgumentCondition.Form, path: String
    ) -> ArgumentCondition.Allowed? {
        guard let given = argument.entry("in") else { return nil }
        switch given.value.value {
        case .text(let text):
            let claim = String(text.dropFirst("claims.".utf8.count))
            let known = ["buckets", "permissions", "roles", "scope", "sub"]
            if !known.contains(claim), let nearest = Suggestion.nearest(to: claim, among: known) {
                warn(
                    given.value.place,
                    "\(path).in: tokens without a claim `\(claim)` are refused; did you mean claims.\(nearest)?")
            }
            return .claim(claim)
        case .list(let values):
            for value in values {
                guard case .text(let text) = value.value, form == .bucket, BucketName(text) == nil else { continue }
                report(value.place, "\(path).in: \"\(text.prefix(80))\" names no bucket, so it can match nothing")
            }
            return .values(argument.texts("in"))
        default:
            return nil
        }
    }

    private func argumentHint(_ name: String, of tool: Tool) -> String {
        let names = tool.argumentNames
        if let nearest = Suggestion.nearest(to: name, among: names) { return "; did you mean `\(nearest)`?" }
        return names.isEmpty ? "; it takes none" : "; it takes \(names.joined(separator: ", "))"
    }
}

extension Tool {
    /// The arguments that the input schema names.
    var argumentNames: [String] { inputSchema["properties"]?.object?.names ?? [] }
}
