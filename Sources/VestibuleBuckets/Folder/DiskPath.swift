internal import VestibuleProtocol

/// Where an object stands below its bucket's directory: one file name for each segment of its key.
///
/// Plain segments are their own names, so a bucket can be filled and read with ordinary tools. What a file system
/// cannot hold, or would read otherwise, is written with `%`; no two keys share a path, and no key is outside:
///
/// | in the key | on disk |
/// |---|---|
/// | control characters, `%`, `\` | `%XX` |
/// | a segment `.` or `..` | `%2E`, `%2E%2E` |
/// | an empty segment (`a//b`, `a/`, `/a`) | `%-` |
/// | a segment of more than 253 bytes on disk | several directories, all but the last ending in `%+` |
/// | an object `a` beside objects `a/…` | the file `a%=` beside the directory `a` |
struct DiskPath: Equatable {
    /// The last one is the file's.
    let names: [String]

    private static let maximumName = 253
    static let continuation = "%+"
    static let empty = "%-"
    static let besideDirectory = "%="

    init(key: String) {
        names = key.utf8
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .flatMap { Self.names(ofSegment: String($0) ?? "") }
    }

    var directories: ArraySlice<String> { names.dropLast() }
    var file: String { names.last ?? Self.empty }

    static func == (left: DiskPath, right: DiskPath) -> Bool {
        left.names.count == right.names.count
            && zip(left.names, right.names).allSatisfy { $0.hasSameBytes(as: $1) }
    }

    private static func names(ofSegment segment: String) -> [String] {
        guard !segment.isEmpty else { return [empty] }
        var chunks: [[UInt8]] = [[]]
        for scalar in segment.unicodeScalars {
            let unit = encoded(scalar)
            if chunks[chunks.count - 1].count + unit.count > maximumName { chunks.append([]) }
            chunks[chunks.count - 1] += unit
        }
        return chunks.enumerated()
            .map { index, chunk in
                var name = String(decoding: chunk, as: UTF8.self)
                if name == "." || name == ".." { name = name == "." ? "%2E" : "%2E%2E" }
                return index == chunks.count - 1 ? name : name + continuation
            }
    }

    private static func encoded(_ scalar: UnicodeScalar) -> [UInt8] {
        var output: [UInt8] = []
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            if byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") {
                PercentCoding.appendEncoded(byte, to: &output)
            } else {
                output.append(byte)
            }
        }
        return output
    }
}

/// What one name on disk adds to a key.
struct DiskName {
    enum Kind {
        /// A whole segment, or the end of one.
        case segment
        /// The start of a segment that goes on in the names within.
        case continued
        /// An object that stands beside a directory of its name.
        case besideDirectory
    }

    var text: String
    var kind: Kind

    /// `nil` where the name is none that ``DiskPath`` could have made.
    init?(_ name: String) {
        if name.hasSameBytes(as: DiskPath.empty) {
            (text, kind) = ("", .segment)
            return
        }
        var bytes = Array(name.utf8)
        kind = .segment
        for (suffix, suffixKind) in [
            (DiskPath.continuation, Kind.continued), (DiskPath.besideDirectory, Kind.besideDirectory),
        ] where bytes.count >= 2 && bytes.suffix(2).elementsEqual(suffix.utf8) {
            bytes.removeLast(2)
            kind = suffixKind
            break
        }
        if kind == .besideDirectory, bytes.elementsEqual(DiskPath.empty.utf8) {
            text = ""
            return
        }
        guard let text = PercentCoding.decode(bytes), !text.isEmpty else { return nil }
        self.text = text
    }
}
