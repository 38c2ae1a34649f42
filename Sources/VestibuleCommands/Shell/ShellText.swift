/// Text that is meant to be copied into a shell.
enum ShellText {
    /// The word as a POSIX shell reads it back, in quotes only where it needs them.
    static func quote(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-_./:=,@%+".utf8.contains(byte)
            }
        }
        if isPlain, !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    static func command(_ words: [String]) -> String {
        words.map(quote).joined(separator: " ")
    }
}
