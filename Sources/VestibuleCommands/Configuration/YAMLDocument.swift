internal import VestibuleProtocol
internal import Yams

/// A YAML node with its place, as the settings reader walks it.
indirect enum YAMLNode: Sendable {
    /// A scalar: its text, and whether it stood in quotes (then it is text, whatever it looks like).
    case scalar(String, quoted: Bool, SettingPlace)
    case sequence([YAMLNode], SettingPlace)
    case mapping([(key: YAMLNode, value: YAMLNode)], SettingPlace)

    var place: SettingPlace {
        switch self {
        case .scalar(_, _, let place), .sequence(_, let place), .mapping(_, let place): place
        }
    }
}

/// The text of a configuration file taken apart as YAML, strictly: one document, no key twice, bounded.
struct YAMLDocument: Sendable {
    /// Bytes of a configuration file that are looked at.
    static let maximumSize = 1 << 20
    /// Nodes, aliases counted as often as they are used, so that a few lines cannot grow without end.
    static let maximumNodes = 100_000
    static let maximumDepth = 64

    /// `nil` for a file that holds nothing but comments.
    var root: YAMLNode?
    var problems: [ConfigurationProblem] = []

    init(_ text: String) {
        guard text.utf8.count <= Self.maximumSize else {
            problems.append(.error(.start, "the file has more than \(Self.maximumSize) bytes; is it a configuration?"))
            return
        }
        var text = text
        // Yams stops at the first key that stands twice. To report everything at once, the first of the two is given a
        // name of the same length that nobody uses, and the text is read again.
        for round in 0..<Self.maximumDuplicates {
            do {
                guard let node = try Yams.compose(yaml: text, .basic) else { return }
                var budget = Self.maximumNodes
                root = convert(node, depth: 0, budget: &budget)
                return
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let place = SettingPlace(line: context.mark.line, column: context.mark.column)
                guard let name = names.first, renamed[place] == nil,
                    let marked = Self.renamingKey(at: place, to: round, in: text)
                else {
                    problems.append(.error(place, "a key stands twice in this section; keep one of the two"))
                    return
                }
                renamed[place] = name
                text = marked
            } catch {
                problems.append(Self.problem(of: error))
                return
            }
        }
        problems.append(.error(.start, "more than \(Self.maximumDuplicates) keys stand twice; is it a configuration?"))
    }

    /// How many keys that stand twice are reported.
    private static let maximumDuplicates = 100
    /// Keys that were given another name, with their own.
    private var renamed: [SettingPlace: String] = [:]

    private static func renamingKey(at place: SettingPlace, to number: Int, in text: String) -> String? {
        var (line, column) = (1, 1)
        var scalars = text.unicodeScalars
        var index = scalars.startIndex
        while index < scalars.endIndex, line < place.line || line == place.line && column < place.column {
            if scalars[index] == "\n" {
                (line, column) = (line + 1, 1)
            } else {
                column += 1
            }
            index = scalars.index(after: index)
        }
        guard index < scalars.endIndex, line == place.line else { return nil }
        if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
        // A character for private use, another one each time.
        guard index < scalars.endIndex, scalars[index] != "\n", let name = Unicode.Scalar(0xE000 + UInt32(number))
        else {
            return nil
        }
        scalars.replaceSubrange(index...index, with: CollectionOfOne(name))
        return String(scalars)
    }

    private static func problem(of error: any Error) -> ConfigurationProblem {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let place = SettingPlace(line: mark.line, column: mark.column)
            return .error(place, "not YAML: \(context.map { "\($0.text), " } ?? "")\(problem)\(hint(for: problem))")
        case YamlError.reader(let problem, _, _, _):
            return .error(.start, "not YAML: \(problem)")
        default:
            return .error(.start, "not YAML that can be read")
        }
    }

    /// What is behind the parser's words most of the time.
    private static func hint(for problem: String) -> String {
        let hints = [
            ("cannot start any token", "; a tab? indent with spaces, and quote text that starts with @ or `"),
            ("did not find expected key", "; is a line above indented differently?"),
            ("mapping values are not allowed", "; is a colon missing after a key above, or a text in need of quotes?"),
            ("undefined alias", "; text that starts with * needs quotes"),
        ]
        return hints.first { problem.contains($0.0) }?.1 ?? ""
    }

    private mutating func convert(_ node: Node, depth: Int, budget: inout Int) -> YAMLNode {
        let place = node.mark.map { SettingPlace(line: $0.line, column: $0.column) } ?? .start
        budget -= 1
        guard budget > 0, depth < Self.maximumDepth else {
            if problems.last?.message != Self.tooMuch { problems.append(.error(place, Self.tooMuch)) }
            return .scalar("", quoted: false, place)
        }
        switch node {
        case .scalar(let scalar):
            return .scalar(scalar.string, quoted: scalar.style != .plain && scalar.style != .any, place)
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            for element in sequence where budget > 0 {
                elements.append(convert(element, depth: depth + 1, budget: &budget))
            }
            return .sequence(elements, place)
        case .mapping(let mapping):
            var pairs: [(key: YAMLNode, value: YAMLNode)] = []
            for (key, value) in mapping where budget > 0 {
                let key = convert(key, depth: depth + 1, budget: &budget)
                pairs.append((key, convert(value, depth: depth + 1, budget: &budget)))
            }
            reportDuplicates(among: pairs.map(\.key))
            return .mapping(pairs.filter { renamed[$0.key.place] == nil }, place)
        case .alias:
            return .scalar("", quoted: false, place)
        }
    }

    /// Says of each key that stands there again where it stood before.
    private mutating func reportDuplicates(among keys: [YAMLNode]) {
        guard !renamed.isEmpty else { return }
        for (index, key) in keys.enumerated() {
            guard let name = renamed[key.place] else { continue }
            let again = keys[(index + 1)...]
                .first { later in
                    guard case .scalar(let text, _, let place) = later else { return false }
                    return (renamed[place] ?? text).hasSameBytes(as: name)
                }
            problems.append(
                .error(
                    again?.place ?? key.place,
                    "`\(name)` stands here again, and already in line \(key.place.line); keep one of the two"))
        }
    }

    private static let tooMuch = "more than \(maximumNodes) values or \(maximumDepth) levels; is it a configuration?"
}
