/// A pattern as it is written.
indirect enum PatternTree {
    case empty
    case scalars(ScalarSet)
    case sequence([PatternTree])
    case choice([PatternTree])
    case repetition(PatternTree, minimum: Int, maximum: Int?)
    case start
    case end
    case wordBoundary(isNegated: Bool)
    case lookAhead(PatternTree, isNegated: Bool)
}

/// Which characters a place of a pattern stands for.
struct ScalarSet: Sendable {
    enum Property: Sendable {
        case category(@Sendable (Unicode.GeneralCategory) -> Bool)
        case property(@Sendable (Unicode.Scalar.Properties) -> Bool)
    }

    var ranges: [ClosedRange<UInt32>] = []
    /// Sets within the set, such as `\D` or `\p{L}`.
    var others: [ScalarSet] = []
    var property: Property?
    var isNegated = false

    init(_ ranges: [ClosedRange<UInt32>] = [], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
    }

    init(_ property: Property, isNegated: Bool) {
        self.property = property
        self.isNegated = isNegated
    }

    /// What it takes to look for a character in it, in steps beyond the one for every character.
    var cost: Int { (ranges.count + 4 * others.count) / 16 }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let isMember =
            ranges.contains { $0.contains(scalar.value) } || others.contains { $0.contains(scalar) } || has(scalar)
        return isMember != isNegated
    }

    private func has(_ scalar: Unicode.Scalar) -> Bool {
        switch property {
        case .category(let fits)?: fits(scalar.properties.generalCategory)
        case .property(let fits)?: fits(scalar.properties)
        case nil: false
        }
    }

    // ECMA-262 §22.2.2.9.
    static let digits = ScalarSet([0x30...0x39])
    static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    /// What `.` stands for: everything but the ends of lines.
    static let notLineEnd = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029], isNegated: true)

    var negated: ScalarSet {
        var set = self
        set.isNegated.toggle()
        return set
    }
}
