internal import VestibuleProtocol

/// One key of the configuration: its name, what may stand there, what stands there when it is left out, and what it is
/// for. The reader, the JSON Schema, the printed configuration and the reference page are all made from these.
struct Setting: Sendable {
    enum Absence: Sendable {
        /// The key has to be there.
        case refused
        /// Nothing stands there.
        case nothing
        /// This stands there.
        case value(SettingValue)
        /// The section stands there with the defaults of its own keys.
        case section
    }

    var name: String
    var shape: SettingShape
    var absence: Absence
    /// One line for the reference page and the schema.
    var summary: String

    init(_ name: String, _ shape: SettingShape, absent absence: Absence = .nothing, _ summary: String) {
        self.name = name
        self.shape = shape
        self.absence = absence
        self.summary = summary
    }

    init(_ name: String, _ shape: SettingShape, default value: SettingValue, _ summary: String) {
        self.init(name, shape, absent: .value(value), summary)
    }
}

/// What may stand at a key.
indirect enum SettingShape: Sendable {
    case text(TextForm)
    /// One of these words.
    case choice([String])
    case integer(ClosedRange<Int>)
    case boolean
    case duration(ClosedRange<Duration>)
    /// A number of bytes.
    case size(ClosedRange<Int>)
    /// A date and time with its offset (RFC 3339).
    case date
    case list(of: SettingShape, atLeast: Int = 0)
    /// One text, or a list of texts of a form of their own.
    case textOrList(TextForm, listOf: TextForm)
    /// Names that the operator chooses, each with a value of one shape.
    case mapping(of: SettingShape)
    case section([Setting])
    /// Known, but not built yet: refused with this line. An empty list or section is let pass.
    case later(String)
}

/// A kind of text, and how it is told from others.
struct TextForm: Sendable {
    /// What is expected, in words that follow "expected".
    var expectation: String
    /// A regular expression for the JSON Schema, which may accept more than ``isValid``.
    var pattern: String?
    var isValid: @Sendable (String) -> Bool

    init(_ expectation: String, pattern: String? = nil, isValid: @escaping @Sendable (String) -> Bool) {
        self.expectation = expectation
        self.pattern = pattern
        self.isValid = isValid
    }
}

extension SettingShape {
    /// What is expected, in words that follow "expected".
    var expectation: String {
        switch self {
        case .text(let form): form.expectation
        case .choice(let words): words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .duration(let range):
            "a duration from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound)), "
                + "such as 30s, 5m or 1h"
        case .size(let range):
            "a size from \(SizeText.format(range.lowerBound)) to \(SizeText.format(range.upperBound)), "
                + "such as 32KiB or 4MiB"
        case .date: "a date and time such as 2026-07-28T14:02:00Z"
        case .list(let element, let minimum):
            minimum > 0 ? "a list with at least \(minimum) entry" : "a list, each entry \(element.expectation)"
        case .textOrList(let text, let element) where text.expectation == element.expectation:
            "\(text.expectation), or a list of such"
        case .textOrList(let text, let element): "\(text.expectation), or a list, each entry \(element.expectation)"
        case .mapping: "names with their values (`name: …`)"
        case .section(let settings): "a section with the keys \(settings.map(\.name).joined(separator: ", "))"
        case .later(let line): line
        }
    }
}

/// A value as it was read, or as a default.
indirect enum SettingValue: Sendable {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    case duration(Duration)
    case size(Int)
    case date(NumericDate)
    case list([PlacedValue])
    case section(SettingSection)

    static let emptyList = SettingValue.list([])
}

/// Where something stands in the file, both from 1; columns count Unicode scalars.
struct SettingPlace: Sendable, Hashable, Comparable {
    var line: Int
    var column: Int

    static let start = SettingPlace(line: 1, column: 1)

    static func < (left: Self, right: Self) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// A value and where it stands.
struct PlacedValue: Sendable {
    var value: SettingValue
    var place: SettingPlace
}

/// The keys of a section or mapping with their values, in order; defaults behind what the file says.
struct SettingSection: Sendable {
    struct Entry: Sendable {
        var name: String
        /// Where the key stands.
        var place: SettingPlace
        var value: PlacedValue
        /// Whether the value is a default, not the file's.
        var isDefault = false
    }

    var entries: [Entry] = []

    subscript(name: String) -> Entry? {
        entries.first { $0.name.hasSameBytes(as: name) }
    }
}
