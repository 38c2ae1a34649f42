extension BearerChallenge {
    /// The longest field value that is read, in bytes. A longer one holds no challenge.
    public static let maximumFieldLength = 16 * 1024

    /// The first challenge for a token of a `WWW-Authenticate` field, or `nil` where it holds none.
    public init?(headerValue: String) {
        guard let first = Self.parse(fields: [headerValue]).first else { return nil }
        self = first
    }

    /// All challenges for a token (`Bearer`, `DPoP`) of the `WWW-Authenticate` fields of a response, in their order (RFC 9110 §11.6.1).
    ///
    /// Other schemes and unknown parameters are passed over; of a parameter that occurs twice the first counts. What
    /// servers send that the grammar does not allow is read as it was meant: no comma between parameters, values
    /// without quotes. A quoted string without an end is dropped, since its value may be half of one.
    public static func parse(fields: [String]) -> [BearerChallenge] {
        fields.flatMap { field -> [BearerChallenge] in
            guard field.utf8.count <= maximumFieldLength else { return [] }
            var reader = ChallengeReader(Array(field.utf8))
            return reader.challenges().compactMap(BearerChallenge.init(raw:))
        }
    }

    fileprivate init?(raw: RawChallenge) {
        guard let scheme = raw.tokenScheme else { return nil }
        self.init(
            error: raw["error"], errorDescription: raw["error_description"],
            scope: raw["scope"]?.split(separator: " ").map(String.init) ?? [],
            resourceMetadata: raw["resource_metadata"], scheme: scheme)
    }
}

/// A challenge of any scheme.
private struct RawChallenge {
    var scheme: String
    var parameters: [(name: String, value: String)] = []

    var tokenScheme: BearerChallenge.Scheme? {
        switch scheme {
        case "bearer": .bearer
        case "dpop": .dpop
        default: nil
        }
    }

    subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }
}

/// Takes a field apart. Every step moves forward, so time is linear in the field's length.
private struct ChallengeReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func challenges() -> [RawChallenge] {
        var challenges: [RawChallenge] = []
        while true {
            skip { Self.isSpace($0) || $0 == UInt8(ascii: ",") }
            guard current != nil else { return challenges }
            guard let name = token() else {
                index += 1
                continue
            }
            let end = index
            skip(Self.isSpace)
            if current == UInt8(ascii: "=") {
                index += 1
                skip(Self.isSpace)
                if let value = value(), !challenges.isEmpty {
                    challenges[challenges.count - 1].parameters.append((name, value))
                }
            } else {
                challenges.append(RawChallenge(scheme: name))
                if index > end { skipToken68() }
            }
        }
    }

    private mutating func skip(_ condition: (UInt8) -> Bool) {
        while let byte = current, condition(byte) { index += 1 }
    }

    /// A token (RFC 9110 §5.6.2) in lower case, since schemes and parameter names have no case.
    private mutating func token() -> String? {
        let start = index
        skip(Self.isTokenCharacter)
        return start == index ? nil : String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
    }

    private mutating func value() -> String? {
        guard current == UInt8(ascii: "\"") else {
            let start = index
            skip { !Self.isSpace($0) && $0 != UInt8(ascii: ",") }
            return start == index ? nil : text(bytes[start..<index])
        }
        index += 1
        var content: [UInt8] = []
        while let byte = current {
            index += 1
            if byte == UInt8(ascii: "\"") { return text(content) }
            if byte == UInt8(ascii: "\\"), let escaped = current {
                content.append(escaped)
                index += 1
            } else {
                content.append(byte)
            }
        }
        return nil
    }

    /// What follows a scheme may be one blob instead of parameters: it ends the challenge, or it is none.
    private mutating func skipToken68() {
        let start = index
        skip(Self.isToken68Character)
        guard index > start else { return }
        skip { $0 == UInt8(ascii: "=") }
        skip(Self.isSpace)
        if current == nil || current == UInt8(ascii: ",") { return }
        index = start
    }

    /// Control characters become spaces: the value may be shown to a person.
    private func text(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: isAlphanumeric(byte)
        }
    }

    private static func isToken68Character(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2B, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E: true
        default: isAlphanumeric(byte)
        }
    }
}
