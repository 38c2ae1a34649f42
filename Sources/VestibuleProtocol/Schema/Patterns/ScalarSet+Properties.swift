extension ScalarSet.Property {
    /// The general categories of Unicode by their short and long names, and a few properties.
    init?(name: String) {
        switch name {
        case "Any": self = .property { _ in true }
        case "Alphabetic", "Alpha": self = .property(\.isAlphabetic)
        case "Lowercase", "Lower": self = .property(\.isLowercase)
        case "Uppercase", "Upper": self = .property(\.isUppercase)
        case "White_Space", "space": self = .property(\.isWhitespace)
        case "Emoji": self = .property(\.isEmoji)
        default:
            guard let categories = Self.categories[name] else { return nil }
            self = .category { categories.contains($0) }
        }
    }

    private static let letters: [Unicode.GeneralCategory] = [
        .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
    ]
    private static let marks: [Unicode.GeneralCategory] = [.nonspacingMark, .spacingMark, .enclosingMark]
    private static let numbers: [Unicode.GeneralCategory] = [.decimalNumber, .letterNumber, .otherNumber]
    private static let punctuation: [Unicode.GeneralCategory] = [
        .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
        .finalPunctuation, .otherPunctuation,
    ]
    private static let symbols: [Unicode.GeneralCategory] = [
        .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol,
    ]
    private static let separators: [Unicode.GeneralCategory] = [
        .spaceSeparator, .lineSeparator, .paragraphSeparator,
    ]
    private static let others: [Unicode.GeneralCategory] = [.control, .format, .surrogate, .privateUse, .unassigned]

    private static let categories: [String: [Unicode.GeneralCategory]] = [
        "L": letters, "Letter": letters, "Lu": [.uppercaseLetter], "Uppercase_Letter": [.uppercaseLetter],
        "Ll": [.lowercaseLetter], "Lowercase_Letter": [.lowercaseLetter], "Lt": [.titlecaseLetter],
        "Titlecase_Letter": [.titlecaseLetter], "Lm": [.modifierLetter], "Modifier_Letter": [.modifierLetter],
        "Lo": [.otherLetter], "Other_Letter": [.otherLetter], "M": marks, "Mark": marks, "Mn": [.nonspacingMark],
        "Nonspacing_Mark": [.nonspacingMark], "Mc": [.spacingMark], "Spacing_Mark": [.spacingMark],
        "Me": [.enclosingMark], "Enclosing_Mark": [.enclosingMark], "N": numbers, "Number": numbers,
        "Nd": [.decimalNumber], "Decimal_Number": [.decimalNumber], "digit": [.decimalNumber],
        "Nl": [.letterNumber], "Letter_Number": [.letterNumber], "No": [.otherNumber],
        "Other_Number": [.otherNumber], "P": punctuation, "Punctuation": punctuation, "punct": punctuation,
        "Pc": [.connectorPunctuation], "Connector_Punctuation": [.connectorPunctuation], "Pd": [.dashPunctuation],
        "Dash_Punctuation": [.dashPunctuation], "Ps": [.openPunctuation], "Open_Punctuation": [.openPunctuation],
        "Pe": [.closePunctuation], "Close_Punctuation": [.closePunctuation], "Pi": [.initialPunctuation],
        "Initial_Punctuation": [.initialPunctuation], "Pf": [.finalPunctuation],
        "Final_Punctuation": [.finalPunctuation], "Po": [.otherPunctuation],
        "Other_Punctuation": [.otherPunctuation], "S": symbols, "Symbol": symbols, "Sm": [.mathSymbol],
        "Math_Symbol": [.mathSymbol], "Sc": [.currencySymbol], "Currency_Symbol": [.currencySymbol],
        "Sk": [.modifierSymbol], "Modifier_Symbol": [.modifierSymbol], "So": [.otherSymbol],
        "Other_Symbol": [.otherSymbol], "Z": separators, "Separator": separators, "Zs": [.spaceSeparator],
        "Space_Separator": [.spaceSeparator], "Zl": [.lineSeparator], "Line_Separator": [.lineSeparator],
        "Zp": [.paragraphSeparator], "Paragraph_Separator": [.paragraphSeparator], "C": others, "Other": others,
        "Cc": [.control], "Control": [.control], "cntrl": [.control], "Cf": [.format], "Format": [.format],
        "Co": [.privateUse], "Private_Use": [.privateUse], "Cn": [.unassigned], "Unassigned": [.unassigned],
    ]
}
