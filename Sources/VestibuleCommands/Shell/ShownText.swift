/// Text that came from elsewhere, made fit to be shown.
extension String {
    /// With control characters in words, so that a server's text cannot steer the terminal that shows it.
    var withoutControls: String { spelledOut { $0 == "\n" || $0 == "\t" } }

    /// On one line, with control characters in words.
    var onOneLine: String {
        let line = String(map { $0.isNewline ? " " : $0 })
        return line.spelledOut { _ in false }
    }

    private func spelledOut(except isFine: (Unicode.Scalar) -> Bool) -> String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool {
            (scalar.properties.generalCategory == .control || scalar.turnsDirection) && !isFine(scalar)
        }
        guard unicodeScalars.contains(where: isControl) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if isControl(scalar) {
                text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether it is a mark that makes what follows it read in another order than it stands.
    fileprivate var turnsDirection: Bool {
        switch value {
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
