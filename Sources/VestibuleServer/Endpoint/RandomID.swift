internal import VestibuleProtocol

/// Identifiers that nobody can guess, from the system's cryptographic generator.
package enum RandomID {
    /// 128 random bits as 22 characters of base64url.
    package static func make() -> String { make(words: 2) }

    /// 256 random bits as 43 characters of base64url: for what is a credential, not only a name.
    package static func makeSecret() -> String { make(words: 4) }

    private static func make(words: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words * 8)
        for _ in 0..<words {
            let word: UInt64 = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return Base64URL.encode(bytes)
    }
}
