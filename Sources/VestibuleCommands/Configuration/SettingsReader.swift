internal import VestibuleProtocol

/// Reads a YAML tree by the table of settings: nothing is guessed, nothing is let pass, everything is reported.
struct SettingsReader {
    private(set) var problems: [ConfigurationProblem] = []

    /// The section as the file has it, completed with the defaults. What was wrong is left out and stands in
    /// ``problems``.
    mutating func read(_ document: YAMLDocument, as settings: [Setting]) -> SettingSection {
        problems += document.problems
        // `nothing but comments` is a file that leaves everything at its default.
        guard let root = document.root else { return completed(SettingSection(), by: settings, at: .start, path: "") }
        if case .scalar(let text, false, let place) = root, Self.isNull(text) {
            return completed(SettingSection(), by: settings, at: place, path: "")
        }
        guard case .section(let section)? = value(of: root, as: .section(settings), path: "") else {
            return SettingSection()
        }
        return section
    }

    // MARK: Values

    private mutating func value(of node: YAMLNode, as shape: SettingShape, path: String) -> SettingValue? {
        switch shape {
        case .section(let settings): return section(node, settings, path: path)
        case .mapping(let element): return mapping(node, of: element, path: path)
        case .list(let element, let minimum): return list(node, of: element, atLeast: minimum, path: path)
        case .textOrList(let text, let element):
            if case .sequence = node { return list(node, of: .text(element), atLeast: 1, path: path) }
            return scalar(node, as: .text(text), path: path)
        case .later(let line):
            if Self.isEmpty(node) { return nil }
            report(node.place, "\(path): \(line)")
            return nil
        case .text, .choice, .integer, .boolean, .duration, .size, .date:
            return scalar(node, as: shape, path: path)
        }
    }

    private mutating func section(_ node: YAMLNode, _ settings: [Setting], path: String) -> SettingValue? {
        guard case .mapping(let pairs, let place) = node else {
            return refuse(node, as: .section(settings), path: path)
        }
        var section = SettingSection()
        // Keys that are there, if not as they should be: they are not reported as missing as well.
        var refused: [String] = []
        for (key, value) in pairs {
            guard let name = keyName(key) else { continue }
            let keyPath = path.isEmpty ? name : "\(path).\(name)"
            guard let setting = settings.first(where: { $0.name.hasSameBytes(as: name) }) else {
                report(key.place, unknownKey(name, in: settings, path: path))
                continue
            }
            guard let read = self.value(of: value, as: setting.shape, path: keyPath) else {
                refused.append(name)
                continue
            }
            section.entries.append(
                .init(name: name, place: key.place, value: PlacedValue(value: read, place: value.place)))
        }
        let due = settings.filter { setting in !refused.contains { $0.hasSameBytes(as: setting.name) } }
        return .section(completed(section, by: due, at: place, path: path))
    }

    private mutating func completed(
        _ section: SettingSection, by settings: [Setting], at place: SettingPlace, path: String
    ) -> SettingSection {
        var section = section
        for setting in settings where section[setting.name] == nil {
            let value: SettingValue
            switch setting.absence {
            case .nothing: continue
            case .refused:
                let keyPath = path.isEmpty ? setting.name : "\(path).\(setting.name)"
                report(place, "\(keyPath) is missing; expected \(setting.shape.expectation)")
                continue
            case .value(let given): value = given
            case .section:
                guard case .section(let inner) = setting.shape else { continue }
                value = .section(completed(SettingSection(), by: inner, at: place, path: setting.name))
            }
            section.entries.append(
                .init(name: setting.name, place: place, value: PlacedValue(value: value, place: place), isDefault: true)
            )
        }
        return section
    }

    private mutating func mapping(_ node: YAMLNode, of element: SettingShape, path: String) -> SettingValue? {
        guard case .mapping(let pairs, _) = node else { return refuse(node, as: .mapping(of: element), path: path) }
        var section = SettingSection()
        for (key, value) in pairs {
            guard let name = keyName(key) else { continue }
            guard let read = self.value(of: value, as: element, path: "\(path).\(name)") else { continue }
            section.entries.append(
                .init(name: name, place: key.place, value: PlacedValue(value: read, place: value.place)))
        }
        return .section(section)
    }

    private mutating func list(
        _ node: YAMLNode, of element: SettingShape, atLeast minimum: Int, path: String
    ) -> SettingValue? {
        guard case .sequence(let nodes, _) = node else {
            return refuse(node, as: .list(of: element, atLeast: minimum), path: path)
        }
        guard nodes.count >= minimum else {
            report(node.place, "\(path): the list is empty; expected \(element.expectation)")
            return nil
        }
        var values: [PlacedValue] = []
        for (index, node) in nodes.enumerated() {
            if let value = value(of: node, as: element, path: "\(path)[\(index)]") {
                values.append(PlacedValue(value: value, place: node.place))
            }
        }
        return .list(values)
    }

    private mutating func scalar(_ node: YAMLNode, as shape: SettingShape, path: String) -> SettingValue? {
        guard case .scalar(let text, let quoted, _) = node else { return refuse(node, as: shape, path: path) }
        let plain = quoted ? nil : text
        switch shape {
        case .text(let form):
            if let plain, Self.isNull(plain) || Self.looksLikeAnotherType(plain) {
                return refuse(
                    node, as: shape, path: path, hint: Self.isNull(plain) ? nil : "write \"\(plain)\" in quotes")
            }
            guard form.isValid(text) else { return refuse(node, as: shape, path: path) }
            return .text(text)
        case .choice(let words):
            if words.contains(where: { $0.hasSameBytes(as: text) }) { return .text(text) }
            let nearest = Suggestion.nearest(to: text, among: words)
            return refuse(node, as: shape, path: path, hint: nearest.map { "did you mean \($0)?" })
        case .integer(let range):
            guard let number = plain.flatMap({ Int($0) }), range.contains(number) else {
                return refuse(node, as: shape, path: path)
            }
            return .integer(number)
        case .boolean:
            if let plain, plain == "true" || plain == "false" { return .boolean(plain == "true") }
            return refuse(node, as: shape, path: path)
        case .duration(let range):
            guard let duration = DurationText.parse(text) else {
                let hint = Int(text).map { "a number alone has no unit: did you mean \($0)s?" }
                return refuse(node, as: shape, path: path, hint: hint)
            }
            return range.contains(duration) ? .duration(duration) : refuse(node, as: shape, path: path)
        case .size(let range):
            guard let size = SizeText.parse(text), range.contains(size) else {
                return refuse(node, as: shape, path: path)
            }
            return .size(size)
        case .date:
            guard let date = DateText.parse(text) else { return refuse(node, as: shape, path: path) }
            return .date(date)
        case .list, .textOrList, .mapping, .section, .later:
            return refuse(node, as: shape, path: path)
        }
    }

    // MARK: What YAML's plain scalars look like (YAML 1.2 core schema; the words of 1.1 are caught, too)

    private static func isNull(_ text: String) -> Bool {
        ["", "~", "null", "Null", "NULL"].contains(text)
    }

    private static func looksLikeAnotherType(_ text: String) -> Bool {
        let words = ["true", "false", "yes", "no", "on", "off"]
        if words.contains(text.lowercased()) { return true }
        return Double(text) != nil
    }

    private static func isEmpty(_ node: YAMLNode) -> Bool {
        switch node {
        case .scalar(let text, let quoted, _): !quoted && isNull(text)
        case .sequence(let nodes, _): nodes.isEmpty
        case .mapping(let pairs, _): pairs.isEmpty
        }
    }

    // MARK: Reports

    private mutating func report(_ place: SettingPlace, _ message: String) {
        problems.append(.error(place, message))
    }

    /// The key's text; `nil`, and reported, where it is no text.
    private mutating func keyName(_ key: YAMLNode) -> String? {
        guard case .scalar(let text, _, _) = key else {
            report(key.place, "a key has to be a plain word")
            return nil
        }
        return text
    }

    private mutating func refuse(
        _ node: YAMLNode, as shape: SettingShape, path: String, hint: String? = nil
    ) -> SettingValue? {
        let found =
            switch node {
            case .scalar(let text, false, _) where Self.isNull(text): "nothing"
            case .scalar(let text, _, _): "\"\(text.prefix(80))\""
            case .sequence: "a list"
            case .mapping: "a section"
            }
        let subject = path.isEmpty ? "the file" : path
        report(
            node.place, "\(subject): expected \(shape.expectation), found \(found)\(hint.map { "; \($0)" } ?? "")")
        return nil
    }

    private func unknownKey(_ name: String, in settings: [Setting], path: String) -> String {
        let subject = path.isEmpty ? "unknown key `\(name.prefix(80))`" : "\(path): unknown key `\(name.prefix(80))`"
        let names = settings.map(\.name)
        if let nearest = Suggestion.nearest(to: name, among: names) {
            return "\(subject); did you mean `\(nearest)`?"
        }
        if let elsewhere = SettingsTable.paths(of: name).first {
            return "\(subject); did you mean `\(elsewhere)`?"
        }
        return "\(subject); the keys here are \(names.joined(separator: ", "))"
    }
}
