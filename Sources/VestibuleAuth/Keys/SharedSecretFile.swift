public import VestibuleProtocol

/// A file whose bytes are an HMAC secret, as an issuer's configuration names it.
///
/// The bytes are the secret as they stand. White space at either end is a likely accident (an editor's or a parameter
/// store's newline) and is warned of, but never taken off: the signer may have it too.
public struct SharedSecretFile: Sendable, Hashable {
    /// A key from a file, and what an operator should look at.
    public struct Loaded: Sendable {
        public var key: RingKey
        /// Lines of warning, each complete in itself.
        public var warnings: [String]
    }

    public var kid: String
    public var path: String
    /// What the secret is for.
    public var algorithm: HMACAlgorithm
    public var state: KeyState
    public var allowShortSecret: Bool

    public init(
        kid: String, path: String, algorithm: HMACAlgorithm = .hs256, state: KeyState, allowShortSecret: Bool = false
    ) {
        self.kid = kid
        self.path = path
        self.algorithm = algorithm
        self.state = state
        self.allowShortSecret = allowShortSecret
    }

    /// Reads the secret.
    ///
    /// - Throws: ``KeyError``: the file is missing, can be reached by others than its owner, is larger than 64 KiB, or
    ///   its secret is short or a known sample.
    public func load(createdAt: NumericDate) throws(KeyError) -> Loaded {
        try read(createdAt: createdAt).loaded
    }

    /// The bytes of a file that only its owner may reach, at most 64 KiB.
    ///
    /// - Throws: ``KeyError``: it is missing, can be reached by others, or is larger.
    package static func bytes(path: String) throws(KeyError) -> [UInt8] {
        try PrivateFile(path: path, maximumSize: 64 << 10).read().bytes
    }

    var file: PrivateFile { PrivateFile(path: path, maximumSize: 64 << 10) }

    func read(createdAt: NumericDate) throws(KeyError) -> (loaded: Loaded, stamp: PrivateFile.Stamp) {
        let (bytes, stamp) = try file.read()
        return (try loaded(bytes, createdAt: createdAt), stamp)
    }

    private func loaded(_ bytes: [UInt8], createdAt: NumericDate) throws(KeyError) -> Loaded {
        let key: RingKey
        do {
            key = try RingKey(
                hmacSecret: bytes, algorithm: algorithm, kid: kid, state: state, createdAt: createdAt,
                allowShortSecret: allowShortSecret)
        } catch {
            throw KeyError(error.code, "\(path): \(error.message)")
        }
        let trimmed = Array(bytes.trimmingWhitespace)
        guard trimmed.count < bytes.count else { return Loaded(key: key, warnings: []) }
        let without = HMACKeyMaterial(secret: trimmed).fingerprint
        let place = Self.place(leading: bytes.first != trimmed.first, trailing: bytes.last != trimmed.last)
        let warning = """
            \(path): the secret \(place) with white space (\(bytes.count - trimmed.count) of \(bytes.count) bytes), \
            which is part of it: fingerprint \(key.fingerprint), without the white space \(without). \
            Make sure that the signer's has the first, or trim the file
            """
        return Loaded(key: key, warnings: [warning])
    }

    private static func place(leading: Bool, trailing: Bool) -> String {
        switch (leading, trailing) {
        case (true, true): "starts and ends"
        case (true, false): "starts"
        default: "ends"
        }
    }
}
