internal import VestibuleProtocol

/// The reference page of the configuration, made from the table that the reader uses.
enum SettingsReference {
    static var markdown: String {
        var lines = [
            "# Configuration reference", "",
            "Made by `vestibule config schema --markdown`; do not edit. `[]` marks each entry of a list, `NAME` a name",
            "of your choice. Durations: `500ms`, `30s`, `5m`, `1h`, `1h30m`. Sizes: `512`, `32KiB`, `4MiB`. Relative "
                + "paths count from the file.", "",
            "| key | value | default | what it is for |", "|---|---|---|---|",
        ]
        for setting in SettingsTable.root { append(setting, under: "", to: &lines) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func append(_ setting: Setting, under parent: String, to lines: inout [String]) {
        let path = parent.isEmpty ? setting.name : "\(parent).\(setting.name)"
        let cells = ["`\(path)`", setting.shape.summary, setting.defaultText, setting.summary]
        lines.append("| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |")
        for (child, parent) in setting.shape.children(of: path) { append(child, under: parent, to: &lines) }
    }
}

extension Setting {
    fileprivate var defaultText: String {
        switch absence {
        case .refused: return "(needed)"
        case .nothing, .section: return "–"
        case .value(.section): return "–"
        case .value(let value): return "`\(value.json.string ?? value.json.description)`"
        }
    }
}

extension SettingShape {
    fileprivate var summary: String {
        switch self {
        case .section: "section"
        case .mapping(.section): "names and their sections"
        case .mapping(let element): "names, each with \(element.summary)"
        case .list(.section, _): "list of sections"
        case .list(let element, _): "list, each entry \(element.summary)"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .later: "not yet"
        default: expectation
        }
    }
}

extension String {
    /// The text with every occurrence of a character replaced.
    fileprivate func replacing(_ character: Character, with replacement: String) -> String {
        split(separator: character, omittingEmptySubsequences: false).joined(separator: replacement)
    }
}
