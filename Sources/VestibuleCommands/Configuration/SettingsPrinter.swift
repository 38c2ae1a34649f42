internal import VestibuleProtocol

/// Writes settings as YAML that is read back as the same settings. Short lists and sections stay on one line.
struct SettingsPrinter {
    private var lines: [String] = []

    static func yaml(_ section: SettingSection, by settings: [Setting] = SettingsTable.root) -> String {
        var printer = SettingsPrinter()
        printer.write(section.ordered(by: settings), indent: 0, first: "")
        return printer.lines.map { $0 + "\n" }.joined()
    }

    /// - Parameter first: What stands before the first key, in place of its indentation (`- `).
    private mutating func write(_ section: SettingSection, indent: Int, first: String) {
        var lead = first.isEmpty ? String(repeating: " ", count: indent) : first
        for entry in section.entries {
            write(key: Self.scalar(entry.name), entry.value.value, indent: indent, lead: lead)
            lead = String(repeating: " ", count: indent)
        }
    }

    private mutating func write(key: String, _ value: SettingValue, indent: Int, lead: String) {
        if let short = Self.flow(value), lead.count + key.count + short.count + 2 <= 100 {
            lines.append("\(lead)\(key): \(short)")
            return
        }
        lines.append("\(lead)\(key):")
        switch value {
        case .section(let section):
            write(section, indent: indent + 2, first: "")
        case .list(let values):
            let pad = String(repeating: " ", count: indent + 2)
            for element in values {
                if let short = Self.flow(element.value), short.count <= 100 {
                    lines.append("\(pad)- \(short)")
                } else if case .section(let section) = element.value {
                    write(section, indent: indent + 4, first: "\(pad)- ")
                } else {
                    lines.append("\(pad)- \(Self.flow(element.value) ?? "[]")")
                }
            }
        default:
            lines[lines.count - 1] += " \(Self.flow(value) ?? "")"
        }
    }

    /// The value on one line, in YAML's flow style. Sections of sections are left to the block style.
    private static func flow(_ value: SettingValue, depth: Int = 0) -> String? {
        switch value {
        case .text(let text): return scalar(text)
        case .integer(let number): return String(number)
        case .boolean(let value): return value ? "true" : "false"
        case .duration, .size, .date: return value.json.string.map(scalar)
        case .list(let values):
            let parts = values.compactMap { flow($0.value, depth: depth + 1) }
            guard parts.count == values.count else { return nil }
            return "[\(parts.joined(separator: ", "))]"
        case .section(let section):
            if section.entries.isEmpty { return "{}" }
            guard depth < 2 else { return nil }
            let parts = section.entries.compactMap { entry in
                flow(entry.value.value, depth: depth + 1).map { "\(scalar(entry.name)): \($0)" }
            }
            guard parts.count == section.entries.count else { return nil }
            return "{ \(parts.joined(separator: ", ")) }"
        }
    }

    /// The text as a scalar, in quotes where YAML would read it as something else. JSON's quotes are YAML's.
    private static func scalar(_ text: String) -> String {
        let isPlainStart = text.utf8.first.map { $0 == 0x2E || $0 == 0x2F || $0.isASCIILetterOrDigit } ?? false
        let isPlain = text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._/-:@+".utf8.contains($0) }
        let words = ["true", "false", "yes", "no", "on", "off", "null"]
        let looksOtherwise = words.contains(text.lowercased()) || Double(text) != nil
        let endsAsKey = text.hasSuffix(":") || text.contains(": ")
        return isPlainStart && isPlain && !looksOtherwise && !endsAsKey ? text : JSONValue.string(text).description
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}

extension SettingSection {
    /// The entries in the order of the table, so that what is printed reads the same whatever the file's order.
    fileprivate func ordered(by settings: [Setting]) -> SettingSection {
        SettingSection(
            entries: settings.compactMap { setting in
                guard var entry = self[setting.name] else { return nil }
                entry.value.value = entry.value.value.ordered(by: setting.shape)
                return entry
            })
    }
}

extension SettingValue {
    fileprivate func ordered(by shape: SettingShape) -> SettingValue {
        switch (self, shape) {
        case (.section(let section), .section(let settings)): return .section(section.ordered(by: settings))
        case (.list(let values), .list(let element, _)):
            return .list(values.map { PlacedValue(value: $0.value.ordered(by: element), place: $0.place) })
        case (.section(var section), .mapping(let element)):
            for index in section.entries.indices {
                section.entries[index].value.value = section.entries[index].value.value.ordered(by: element)
            }
            return .section(section)
        default: return self
        }
    }
}
