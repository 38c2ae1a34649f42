/// What is wrong with a key, a ring or the file that holds it, in one line that says what to do about it.
///
/// Never holds key material.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        enum Wrapped: Sendable {
            case missingFile, insecurePermissions, unreadable, corrupted, notWritable, locked, shortSecret
            case sampleSecret, unsupported, duplicate, unknownKey, noActiveKey, illegalTransition, tooMany, cannotSign
        }
        let wrapped: Wrapped

        /// The file does not exist.
        public static let missingFile = Code(wrapped: .missingFile)
        /// Others than its owner may read or write the file.
        public static let insecurePermissions = Code(wrapped: .insecurePermissions)
        /// The file cannot be opened or read.
        public static let unreadable = Code(wrapped: .unreadable)
        /// The file was read, but it is not what it should be.
        public static let corrupted = Code(wrapped: .corrupted)
        /// The file or its directory cannot be written: permissions, a read-only or full disk.
        public static let notWritable = Code(wrapped: .notWritable)
        /// Another process holds the ring's lock for longer than we wait.
        public static let locked = Code(wrapped: .locked)
        /// An HMAC secret of fewer bytes than its algorithm's hash has (RFC 7518 §3.2).
        public static let shortSecret = Code(wrapped: .shortSecret)
        /// A secret that everybody knows.
        public static let sampleSecret = Code(wrapped: .sampleSecret)
        /// A kind of key that is not supported here, or one whose parts do not fit together.
        public static let unsupported = Code(wrapped: .unsupported)
        /// The ring holds this very key already.
        public static let duplicate = Code(wrapped: .duplicate)
        /// The ring holds no key of that `kid`.
        public static let unknownKey = Code(wrapped: .unknownKey)
        /// The ring has no active key.
        public static let noActiveKey = Code(wrapped: .noActiveKey)
        /// A transition that ``KeyState`` does not allow.
        public static let illegalTransition = Code(wrapped: .illegalTransition)
        /// More keys than ``KeyRing/maximumKeys``, or more revocations than ``RevocationList/maximumEntries``.
        public static let tooMany = Code(wrapped: .tooMany)
        /// The key holds no private part, or may not sign in its state.
        public static let cannotSign = Code(wrapped: .cannotSign)
    }

    public let code: Code
    /// One line: what happened, to what, and what to do next.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
