/// Cuts bytes into lines, however they come.
struct LineSplitter: Sendable {
    /// A line that has no end.
    struct TooLong: Error, CustomStringConvertible {
        let description: String
    }

    private let maximumLength: Int
    private var rest: [UInt8] = []

    /// - Parameter maximumLength: Bytes of one line without its end, bound included.
    init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// The lines that are complete, without their ends (LF, or CR LF).
    mutating func push(_ bytes: [UInt8]) throws(TooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            try append(bytes[start..<end])
            if rest.last == 0x0D { rest.removeLast() }
            lines.append(rest)
            rest = []
            start = end + 1
        }
        try append(bytes[start...])
        return lines
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws(TooLong) {
        guard bytes.count <= maximumLength - rest.count else {
            throw TooLong(
                description: "a line is longer than \(maximumLength) bytes; raise maximumLineLength if it is meant to")
        }
        rest.append(contentsOf: bytes)
    }
}
