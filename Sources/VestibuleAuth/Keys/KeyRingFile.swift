internal import VestibuleProtocol

/// A key ring in a file that only its owner may read (mode 0600), replaced as a whole or not at all.
public struct KeyRingFile: Sendable {
    public let path: String
    var file: PrivateFile { PrivateFile(path: path) }

    public init(path: String) {
        self.path = path
    }

    /// Reads the ring.
    ///
    /// - Throws: ``KeyError``: the file is missing, can be reached by others than its owner, cannot be read, or holds no
    ///   ring; the line names the path and what is wrong.
    public func load() throws(KeyError) -> KeyRing {
        try read().ring
    }

    func read() throws(KeyError) -> (ring: KeyRing, stamp: PrivateFile.Stamp) {
        let (bytes, stamp) = try file.read()
        let document: JSONValue
        do {
            document = try JSONParser(limits: JSONLimits(maximumDepth: 8, duplicates: .refuse)).parse(bytes)
        } catch {
            throw KeyError(.corrupted, "\(path) is damaged: \(error); restore it from a copy")
        }
        do {
            return (try KeyRing(document: document), stamp)
        } catch {
            throw KeyError(.corrupted, "\(path) is damaged: \(error.message); restore it from a copy")
        }
    }

    /// Puts the ring in the file's place: atomically, with mode 0600, creating missing directories with 0700.
    ///
    /// - Throws: ``KeyError`` with ``KeyError/Code/notWritable`` on a read-only or full disk; the old file then stands.
    public func save(_ ring: KeyRing) throws(KeyError) {
        try file.replace(with: ring.document.serialized + [UInt8(ascii: "\n")])
    }

    /// Reads the ring, changes it and saves it, while no other process does so (a lock on `PATH.lock`, waited for at
    /// most ten seconds). Nothing is saved when `body` throws.
    ///
    /// - Throws: ``KeyError`` of loading, of `body`, of saving, or with ``KeyError/Code/locked``.
    @discardableResult
    public func update<Result>(
        _ body: (inout KeyRing) throws(KeyError) -> Result
    ) throws(KeyError) -> Result {
        try file.withLock { () throws(KeyError) in
            var ring = try load()
            let result = try body(&ring)
            try save(ring)
            return result
        }
    }

    /// Reads the ring or, where there is no file yet, saves the ring that `make` returns, under the same lock as
    /// ``update(_:)``, so that two processes that start at once agree on one ring.
    public func loadOrCreate(_ make: () throws(KeyError) -> KeyRing) throws(KeyError) -> KeyRing {
        if try file.stamp() != nil { return try load() }
        return try file.withLock { () throws(KeyError) in
            if try file.stamp() != nil { return try load() }
            let ring = try make()
            try save(ring)
            return ring
        }
    }
}
