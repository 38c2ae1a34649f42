public import VestibuleProtocol

/// A list of revocations in a file that only its owner may reach (mode 0600), replaced as a whole or not at all. No file
/// is an empty list.
public struct RevocationFile: Sendable {
    /// The most bytes of such a file.
    public static let maximumSize = 4 << 20

    public let path: String
    var file: PrivateFile { PrivateFile(path: path, maximumSize: Self.maximumSize) }

    public init(path: String) {
        self.path = path
    }

    /// Reads the list.
    ///
    /// - Throws: ``KeyError``: the file can be reached by others than its owner, cannot be read, or holds no list.
    public func load() throws(KeyError) -> RevocationList {
        try file.stamp() == nil ? RevocationList() : try read().list
    }

    func read() throws(KeyError) -> (list: RevocationList, stamp: PrivateFile.Stamp) {
        let (bytes, stamp) = try file.read()
        let problem: String
        do {
            let limits = JSONLimits(maximumSize: Self.maximumSize, maximumDepth: 8, duplicates: .refuse)
            return (try RevocationList(document: try JSONParser(limits: limits).parse(bytes)), stamp)
        } catch let error as KeyError {
            problem = error.message
        } catch {
            problem = "\(error)"
        }
        throw KeyError(
            .corrupted, "\(path) is damaged: \(problem); restore it from a copy, or revoke anew what it held")
    }

    /// Reads the list, changes it, forgets what is over and saves it, while no other process does so (a lock on
    /// `PATH.lock`, waited for at most ten seconds). Nothing is saved when `body` throws.
    ///
    /// - Throws: ``KeyError`` of loading, of `body`, of saving, or with ``KeyError/Code/locked``.
    @discardableResult
    public func update<Result>(
        now: NumericDate, _ body: (inout RevocationList) throws(KeyError) -> Result
    ) throws(KeyError) -> Result {
        try file.withLock { () throws(KeyError) in
            var list = try load()
            list.prune(now: now)
            let result = try body(&list)
            let bytes = list.document.serialized + [UInt8(ascii: "\n")]
            guard bytes.count <= Self.maximumSize else {
                throw KeyError(
                    .tooMany, "\(path) would be larger than \(Self.maximumSize) bytes; revoke subjects or keys instead")
            }
            try file.replace(with: bytes)
            return result
        }
    }
}
