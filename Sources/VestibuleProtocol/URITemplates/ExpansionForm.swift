/// How the values of an expression are written, by the operator that it begins with (RFC 6570 §3.2, Appendix A).
struct ExpansionForm: Sendable, Hashable {
    /// Before the first value.
    var opening: String
    /// Between two values.
    var separator: String
    /// Whether values are written with their names: `name=value`.
    var isNamed: Bool
    /// Whether a name without a value has the equals sign nevertheless.
    var equalsWithoutValue: Bool
    /// Whether characters that are reserved in URIs are left as they are.
    var allowsReserved: Bool

    init(
        opening: String = "", separator: String = ",", isNamed: Bool = false, equalsWithoutValue: Bool = false,
        allowsReserved: Bool = false
    ) {
        self.opening = opening
        self.separator = separator
        self.isNamed = isNamed
        self.equalsWithoutValue = equalsWithoutValue
        self.allowsReserved = allowsReserved
    }

    /// The form of an operator; `nil` where the character is none.
    init?(operator character: UInt8) {
        switch character {
        case UInt8(ascii: "+"): self.init(allowsReserved: true)
        case UInt8(ascii: "#"): self.init(opening: "#", allowsReserved: true)
        case UInt8(ascii: "."): self.init(opening: ".", separator: ".")
        case UInt8(ascii: "/"): self.init(opening: "/", separator: "/")
        case UInt8(ascii: ";"): self.init(opening: ";", separator: ";", isNamed: true)
        case UInt8(ascii: "?"): self.init(opening: "?", separator: "&", isNamed: true, equalsWithoutValue: true)
        case UInt8(ascii: "&"): self.init(opening: "&", separator: "&", isNamed: true, equalsWithoutValue: true)
        default: return nil
        }
    }
}

extension String {
    /// The text in the characters of a URI: unreserved ones as they are, reserved ones and encoded triplets too where
    /// `allowsReserved` says so, everything else percent-encoded (RFC 3986 §2).
    func percentEncoded(allowsReserved: Bool) -> String {
        let bytes = Array(utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            let following: ArraySlice<UInt8> = bytes[(index + 1)...].prefix(2)
            let isTriplet = byte == 0x25 && following.count == 2 && following.allSatisfy { $0.isHexDigit }
            if byte.isUnreserved || allowsReserved && (byte.isReserved || isTriplet) {
                output.append(byte)
            } else {
                output.append(0x25)
                output.append(Self.hexDigit(byte >> 4))
                output.append(Self.hexDigit(byte & 0xF))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
}

extension UInt8 {
    /// RFC 3986 §2.3.
    var isUnreserved: Bool {
        isLetter || isDigit || self == 0x2D || self == 0x2E || self == 0x5F || self == 0x7E
    }

    /// RFC 3986 §2.2.
    var isReserved: Bool { ":/?#[]@!$&'()*+,;=".utf8.contains(self) }

    var isHexDigit: Bool { isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self) }

    /// The value of a hexadecimal digit.
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
