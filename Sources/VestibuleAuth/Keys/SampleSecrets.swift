internal import VestibuleProtocol

/// Secrets that stand in manuals, tutorials and templates, and therefore protect nothing.
enum SampleSecrets {
    /// Every sample that this project itself prints starts like this, so none of them is ever accepted.
    static let ownPrefix = "vestibule-sample-"

    private static let known: Set<String> = [
        "secret", "mysecret", "my-secret", "my_secret", "supersecret", "super-secret", "super_secret", "topsecret",
        "changeme", "change-me", "change_me", "changeit", "replace-me", "replaceme", "password", "passw0rd", "default",
        "test", "testing", "example", "dev", "development", "dev-secret", "dev_secret", "development-secret",
        "jwt-secret", "jwt_secret", "jwtsecret", "secretkey", "secret-key", "secret_key", "your-secret", "your_secret",
        "your-secret-key", "your_secret_key", "your-jwt-secret", "your_jwt_secret", "your-256-bit-secret",
        "your-384-bit-secret", "your-512-bit-secret", "a-string-secret-at-least-256-bits-long",
        "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long", "shhhhh", "shhhhhhared-secret",
        "your-super-secret-jwt-token-with-at-least-32-characters-long",
        "super-secret-jwt-token-with-at-least-32-characters-long", "thisisasecret", "this-is-a-secret",
        "keyboard cat", "qwertyuiopasdfghjklzxcvbnm123456", "0123456789abcdef0123456789abcdef",
        "12345678901234567890123456789012", "abcdefghijklmnopqrstuvwxyz123456",
    ]

    /// The key of RFC 7515 appendix A.1.
    private static let publishedKeys = [
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    ]

    /// - Throws: ``KeyError`` with ``KeyError/Code/sampleSecret``. White space around the secret and the case of its
    ///   letters do not make a known secret less known.
    static func refuse(_ secret: [UInt8], kid: String) throws(KeyError) {
        let text = String(decoding: secret.trimmingWhitespace, as: UTF8.self).lowercased()
        let isOneByte = secret.count > 1 && secret.dropFirst().allSatisfy { $0 == secret[0] }
        guard
            known.contains(text) || text.hasPrefix(ownPrefix) || isOneByte
                || publishedKeys.contains(Base64URL.encode(secret))
        else { return }
        throw KeyError(
            .sampleSecret,
            "the secret of key \(kid.quoted) is a known sample that anybody could sign with; generate a random one")
    }
}

extension Collection<UInt8> where Self: BidirectionalCollection {
    /// Without the ASCII white space at both ends.
    var trimmingWhitespace: SubSequence {
        let isWhitespace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = firstIndex(where: { !isWhitespace($0) }), let last = lastIndex(where: { !isWhitespace($0) })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
