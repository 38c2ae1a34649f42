extension String {
    /// The text as one line of bounded length, for words of another party that a person is to read.
    ///
    /// Control characters, line ends and marks that turn the direction of writing become spaces, so that the text can
    /// neither forge another line nor steer a terminal.
    ///
    /// - Parameter limit: Unicode scalars; what is longer is cut, and ends in `…`.
    public func onOneLine(limit: Int = 1_000) -> String {
        var shown = UnicodeScalarView()
        for scalar in unicodeScalars.prefix(max(0, limit)) {
            shown.append(scalar.breaksLine ? " " : scalar)
        }
        if unicodeScalars.dropFirst(max(0, limit)).first != nil { shown.append("…") }
        return String(shown)
    }
}

extension UnicodeScalar {
    fileprivate var breaksLine: Bool {
        switch value {
        case 0x00..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        // Embeddings, overrides and isolates of bidirectional text.
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
