// Numbers by what they mean, not by how they are written.

/// A decimal number that is held exactly: digits times a power of ten.
private struct Decimal {
    var digits: Int128
    var exponent: Int

    /// `nil` where there are more than 36 significant digits, or the exponent is beyond any use.
    init?(_ literal: String) {
        var digits: Int128 = 0
        var exponent = 0
        var isNegative = false
        var isFraction = false
        var bytes = literal.utf8[...]
        var significant = 0
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case 0x30...0x39:
                if byte != 0x30 || significant > 0 { significant += 1 }
                guard significant <= 36 else { return nil }
                digits = digits * 10 + Int128(byte - 0x30)
                if isFraction { exponent -= 1 }
            default:
                guard let written = Int(String(Substring(bytes))), (-1_000...1_000).contains(written) else {
                    return nil
                }
                exponent += written
                bytes = bytes.dropFirst(bytes.count)
            }
        }
        while digits != 0, digits % 10 == 0 {
            digits /= 10
            exponent += 1
        }
        self.digits = isNegative ? -digits : digits
        self.exponent = digits == 0 ? 0 : exponent
    }

    /// The digits for a smaller exponent; `nil` where they do not fit.
    func scaled(to target: Int) -> Int128? {
        guard exponent >= target, exponent - target <= 38 else { return nil }
        var value = digits
        for _ in 0..<(exponent - target) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
        }
        return value
    }
}

extension JSONNumber {
    /// Whether the quantity is an integer, of any size: `1`, `1.0` and `1e99` are, `1.5` is not.
    var isWhole: Bool {
        // The plain form needs no reckoning.
        if literal.utf8.allSatisfy({ $0 == 0x2D || $0 >= 0x30 && $0 <= 0x39 }) { return true }
        if let decimal = Decimal(literal) { return decimal.exponent >= 0 }
        return double.map { $0 == $0.rounded(.towardZero) } ?? false
    }

    /// By quantity: exactly where that can be reckoned, else as floating point. What is beyond its range is larger or
    /// smaller than everything by its sign.
    func isLess(than other: JSONNumber) -> Bool {
        if let left = Int(literal), let right = Int(other.literal) { return left < right }
        if let left = Decimal(literal), let right = Decimal(other.literal) {
            let exponent = min(left.exponent, right.exponent)
            if let left = left.scaled(to: exponent), let right = right.scaled(to: exponent) { return left < right }
        }
        return (Double(literal) ?? .nan) < (Double(other.literal) ?? .nan)
    }

    /// `1`, `1.0` and `10e-1` are the same.
    func isSameQuantity(as other: JSONNumber) -> Bool {
        if literal.hasSameBytes(as: other.literal) { return true }
        if let left = Decimal(literal), let right = Decimal(other.literal) {
            return left.digits == right.digits && left.exponent == right.exponent
        }
        return double.map { $0 == other.double } ?? false
    }

    /// Exactly where that can be reckoned, else as floating point; what is beyond its range is a multiple of nothing.
    func isMultiple(of divisor: JSONNumber) -> Bool {
        if let value = Decimal(literal), let divisor = Decimal(divisor.literal), divisor.digits != 0 {
            if value.digits == 0 { return true }
            let exponent = min(value.exponent, divisor.exponent)
            if let value = value.scaled(to: exponent), let divisor = divisor.scaled(to: exponent) {
                return value % divisor == 0
            }
        }
        guard let value = double, let divisor = divisor.double, divisor != 0 else { return false }
        let quotient = value / divisor
        return quotient.isFinite && quotient == quotient.rounded()
    }

    /// The one way of writing the quantity, for comparing many.
    fileprivate var canonical: String {
        if let decimal = Decimal(literal) { return "\(decimal.digits)e\(decimal.exponent)" }
        return double.map { "\($0)" } ?? literal
    }
}

extension JSONValue {
    /// Equality as JSON Schema has it: numbers by quantity, members in any order, everything else by bytes.
    func isSameData(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)):
            return left.isSameQuantity(as: right)
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSameData(as: $1) }
        case (.object, .object):
            return DataKey(self) == DataKey(other)
        default:
            return self == other
        }
    }

    /// How many values there are in it, itself counted.
    var partCount: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + $1.partCount }
        case .object(let object): object.members.reduce(1) { $0 + $1.value.partCount }
        default: 1
        }
    }
}

extension JSONValue {
    /// What it takes to compare the two, in steps: nothing for small values that are no lists or objects.
    func comparisonCost(with other: JSONValue) -> Int {
        switch (self, other) {
        case (.number, .number), (.string, .string), (.array, .array), (.object, .object): size + other.size
        default: 0
        }
    }

    /// How many values, and how much text, in steps.
    private var size: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + 1 + $1.size }
        case .object(let object): object.members.reduce(1) { $0 + 1 + $1.name.utf8.count / 64 + $1.value.size }
        case .string(let text): text.utf8.count / 64
        case .number(let number): number.literal.utf8.count / 64
        case .null, .bool: 0
        }
    }
}

/// A value as a dictionary key: equal where two values are the same data.
struct DataKey: Hashable {
    private let value: JSONValue

    init(_ value: JSONValue) {
        self.value = Self.canonical(value)
    }

    private static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        // As an array, so that it is never taken for a text.
        case .number(let number): return .array([.string(number.canonical), .null, .null])
        case .array(let elements): return .object(JSONObject([("", .array(elements.map(canonical)))]))
        case .object(let object):
            var members = object.members.map { JSONObject.Member($0.name, canonical($0.value)) }
            members.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            return .object(JSONObject(members: [JSONObject.Member("o", .object(JSONObject(members: members)))]))
        default: return value
        }
    }
}
