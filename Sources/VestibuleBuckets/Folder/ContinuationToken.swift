internal import Crypto
internal import VestibuleProtocol

/// Where a listing goes on. Bound to its prefix and delimiter, so that a token of another listing is noticed.
struct ContinuationToken {
    /// The last key or common prefix of the page before.
    let last: [UInt8]

    private static let checkLength = 8

    init(last: [UInt8]) {
        self.last = last
    }

    /// `nil` where the text is not a token of this listing.
    init?(_ text: String, _ query: ObjectQuery) {
        guard text.utf8.count <= 2048, let bytes = Base64URL.decode(text), bytes.count > Self.checkLength else {
            return nil
        }
        let last = Array(bytes.dropFirst(Self.checkLength))
        guard last.count <= KeyNaming.maximumLength, String(validating: last, as: UTF8.self) != nil,
            bytes.prefix(Self.checkLength).elementsEqual(Self.check(query, last))
        else { return nil }
        self.last = last
    }

    func text(for query: ObjectQuery) -> String {
        Base64URL.encode(Self.check(query, last) + last)
    }

    private static func check(_ query: ObjectQuery, _ last: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        for part in [Array(query.prefix.utf8), Array(query.delimiter.utf8), last] {
            hash.update(data: Array("\(part.count):".utf8))
            hash.update(data: part)
        }
        return Array(hash.finalize().prefix(checkLength))
    }
}
