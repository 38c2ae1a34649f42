#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A type with a form of its own in JSON, other than what its `Codable` conformance would write.
protocol JSONForm {
    /// What the form is called in errors: `a string with a date and time (RFC 3339)`.
    static var formName: String { get }
    static var formSchema: JSONObject { get }
    /// Any value of the type, for the derivation of schemas.
    static var formSample: Self { get }

    init?(jsonForm: JSONValue)
    /// `nil` where JSON cannot express the value.
    var jsonForm: JSONValue? { get }
}

extension JSONValue: JSONForm {
    static var formName: String { "any JSON" }
    static var formSchema: JSONObject { [:] }
    static var formSample: JSONValue { .null }
    init?(jsonForm: JSONValue) { self = jsonForm }
    var jsonForm: JSONValue? { self }
}

extension JSONObject: JSONForm {
    static var formName: String { "an object" }
    static var formSchema: JSONObject { ["type": "object"] }
    static var formSample: JSONObject { [:] }

    init?(jsonForm: JSONValue) {
        guard let object = jsonForm.object else { return nil }
        self = object
    }

    var jsonForm: JSONValue? { .object(self) }
}

extension JSONNumber: JSONForm {
    static var formName: String { "a number" }
    static var formSchema: JSONObject { ["type": "number"] }
    static var formSample: JSONNumber { JSONNumber(0) }

    init?(jsonForm: JSONValue) {
        guard let number = jsonForm.number else { return nil }
        self = number
    }

    var jsonForm: JSONValue? { .number(self) }
}

extension Date: JSONForm {
    static var formName: String { "a string with a date and time (RFC 3339, such as 2026-07-28T14:02:00Z)" }
    static var formSchema: JSONObject { ["type": "string", "format": "date-time"] }
    static var formSample: Date { Date(timeIntervalSince1970: 0) }

    init?(jsonForm: JSONValue) {
        guard let text = jsonForm.string, let date = NumericDate(internetTime: text) else { return nil }
        self.init(timeIntervalSince1970: date.seconds)
    }

    var jsonForm: JSONValue? {
        NumericDate(timeIntervalSince1970).internetTime.map(JSONValue.string)
    }
}

extension Data: JSONForm {
    static var formName: String { "a string in base64" }
    static var formSchema: JSONObject { ["type": "string", "contentEncoding": "base64"] }
    static var formSample: Data { Data() }

    init?(jsonForm: JSONValue) {
        guard let text = jsonForm.string else { return nil }
        self.init(base64Encoded: text)
    }

    var jsonForm: JSONValue? { .string(base64EncodedString()) }
}

extension URL: JSONForm {
    static var formName: String { "a string with a URL" }
    static var formSchema: JSONObject { ["type": "string", "format": "uri"] }
    static var formSample: URL { URL(filePath: "/") }

    init?(jsonForm: JSONValue) {
        guard let text = jsonForm.string, !text.isEmpty else { return nil }
        self.init(string: text)
    }

    var jsonForm: JSONValue? { .string(absoluteString) }
}

extension UUID: JSONForm {
    static var formName: String { "a string with a UUID" }
    static var formSchema: JSONObject { ["type": "string", "format": "uuid"] }
    static var formSample: UUID { UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) }

    init?(jsonForm: JSONValue) {
        guard let text = jsonForm.string else { return nil }
        self.init(uuidString: text)
    }

    var jsonForm: JSONValue? { .string(uuidString.lowercased()) }
}

extension Decimal: JSONForm {
    static var formName: String { "a number" }
    static var formSchema: JSONObject { ["type": "number"] }
    static var formSample: Decimal { 0 }

    init?(jsonForm: JSONValue) {
        guard let number = jsonForm.number else { return nil }
        self.init(string: number.literal)
    }

    var jsonForm: JSONValue? { JSONNumber(literal: description).map(JSONValue.number) }
}

extension NumericDate {
    /// RFC 3339 in UTC, with milliseconds where there are any; `nil` outside of the years 1 to 9999.
    package var internetTime: String? {
        let milliseconds = (seconds * 1000).rounded()
        guard let whole = Int(exactly: milliseconds),
            let time = UTCTime(NumericDate((milliseconds / 1000).rounded(.down)))
        else { return nil }
        let rest = (whole % 1000 + 1000) % 1000
        return rest == 0 ? time.description : "\(time.dayText)T\(time.clockText).\(rest.padded(to: 3))Z"
    }

    /// Reads RFC 3339: `2026-07-28T14:02:00Z`, a fraction of up to nine digits, an offset such as `+02:00`.
    package init?(internetTime text: String) {
        var rest = text.utf8[...]
        func digits(_ count: Int) -> Int? {
            guard rest.count >= count else { return nil }
            var value = 0
            for byte in rest.prefix(count) {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            rest = rest.dropFirst(count)
            return value
        }
        func mark(_ marks: StaticString) -> UInt8? {
            guard let byte = rest.first, marks.withUTF8Buffer({ $0.contains(byte) }) else { return nil }
            rest = rest.dropFirst()
            return byte
        }
        guard let year = digits(4), mark("-") != nil, let month = digits(2), mark("-") != nil, let day = digits(2),
            mark("Tt ") != nil, let hour = digits(2), mark(":") != nil, let minute = digits(2), mark(":") != nil,
            let second = digits(2),
            let whole = UTCTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
                .numericDate
        else { return nil }
        var fraction = 0.0
        if mark(".") != nil {
            let shown = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            guard (1...9).contains(shown.count), let value = Double("0.\(String(decoding: shown, as: UTF8.self))")
            else { return nil }
            fraction = value
            rest = rest.dropFirst(shown.count)
        }
        var offset = 0
        switch mark("Zz+-") {
        case UInt8(ascii: "+")?, UInt8(ascii: "-")?:
            let isWest = text.utf8[text.utf8.index(before: rest.startIndex)] == UInt8(ascii: "-")
            guard let hours = digits(2), mark(":") != nil, let minutes = digits(2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
        case nil: return nil
        default: break
        }
        guard rest.isEmpty else { return nil }
        self.init(whole.seconds + fraction - Double(offset))
    }
}
