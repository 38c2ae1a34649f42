internal import Logging
internal import VestibuleProtocol

/// How one event becomes one line.
enum LogStyle {
    static func text(_ event: LogLine) -> String {
        var line = "\(event.time) \(event.level.rawValue) \(escaped(event.message))"
        for (key, value) in event.fields { line += " \(key)=\(value.text)" }
        return line
    }

    static func json(_ event: LogLine) -> String {
        var object: JSONObject = [
            "time": .string(event.time), "level": .string(event.level.rawValue), "message": .string(event.message),
        ]
        for (key, value) in event.fields { object[key] = value.json }
        return quoted(.object(object))
    }

    /// Text that cannot break the line, whoever wrote it.
    fileprivate static func escaped(_ text: String) -> String {
        text.unicodeScalars.contains { $0.isUnfit } ? quoted(.string(text)) : text
    }

    /// JSON in which what no eye sees, and a terminal might obey, is spelt out: JSON itself allows U+009B, by which a
    /// terminal takes commands, and the marks that turn the direction of writing.
    fileprivate static func quoted(_ value: JSONValue) -> String {
        let json = value.description
        guard json.unicodeScalars.contains(where: \.isUnfit) else { return json }
        var output = ""
        for scalar in json.unicodeScalars {
            guard scalar.isUnfit else {
                output.unicodeScalars.append(scalar)
                continue
            }
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                let digits = String(unit, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return output
    }
}

extension UnicodeScalar {
    /// Whether it has no place in a line of a log: control and format characters, and line ends of any kind.
    fileprivate var isUnfit: Bool {
        if isASCII { return value < 0x20 || value == 0x7F }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// One event of the log.
struct LogLine: Sendable {
    var time: String
    var level: Logger.Level
    var message: String
    var fields: [(key: String, value: LogValue)] = []
}

/// A value in the log, with the type that it has in JSON.
enum LogValue: Sendable, Hashable, CustomStringConvertible {
    case text(String)
    case number(Double, decimals: Int)
    case integer(Int)
    case flag(Bool)

    var description: String { text }

    /// For a line of text: quoted where it would run into its neighbours.
    var text: String {
        switch self {
        case .text(let text):
            let isPlain =
                !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D }
                && !text.unicodeScalars.contains(where: \.isUnfit)
            return isPlain ? text : LogStyle.quoted(.string(text))
        case .number(let value, let decimals): return Self.fixed(value, decimals)
        case .integer(let value): return String(value)
        case .flag(let value): return value ? "yes" : "no"
        }
    }

    var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .number(let value, let decimals):
            JSONNumber(literal: Self.fixed(value, decimals)).map(JSONValue.number) ?? .null
        case .integer(let value): .integer(value)
        case .flag(let value): .bool(value)
        }
    }

    /// The number with so many decimals, without Foundation: this runs for every request.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = [1, 10, 100, 1000][min(max(decimals, 0), 3)]
        guard let scaled = Int(exactly: (value * Double(scale)).rounded()) else { return "0" }
        let (whole, part) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
        let sign = scaled < 0 ? "-" : ""
        guard scale > 1 else { return sign + String(whole) }
        return "\(sign)\(whole).\(part.padded(to: decimals))"
    }
}

/// The time of an event: RFC 3339 in UTC, to the millisecond.
enum LogTime {
    static func text(_ date: NumericDate) -> String {
        guard let time = UTCTime(date) else { return "\(date.seconds)" }
        let fraction = date.seconds - date.seconds.rounded(.down)
        return "\(time.dayText)T\(time.clockText).\(Int(fraction * 1000).padded(to: 3))Z"
    }
}
