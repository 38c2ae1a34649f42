internal import Crypto
package import VestibuleProtocol

/// A token in the client's hands: its text, and what it says of itself.
package struct AccessToken: Sendable {
    package let text: String
    /// `kid`, where the token is a JWT that names one.
    package let keyID: String?
    package let issuedAt: NumericDate?
    package let expiration: NumericDate?
    package let notBefore: NumericDate?
    /// When the source delivered it, by this machine's clock.
    package let receivedAt: NumericDate
    /// When it ends by the source's word, by this machine's clock.
    package let endsAt: NumericDate?
    package let isOpaque: Bool
    /// How it is presented.
    package let scheme: BearerChallenge.Scheme
    /// By which the token is recognised without being kept.
    package let digest: TokenDigest

    /// Reads what a source delivered.
    ///
    /// - Throws: An ``MCPClientError`` of code `tokenSource` that says what came instead of a token, without quoting it.
    package init(_ issued: IssuedToken, receivedAt now: NumericDate) throws(MCPClientError) {
        let text = Self.trimmed(issued.text)
        if let problem = Self.obviousProblem(of: text) { throw Self.refused(problem) }
        var token: CompactToken?
        do {
            token = try CompactToken(text)
        } catch {
            guard issued.expiresIn != nil, Self.isOpaqueToken(text) else { throw Self.refused("\(error)") }
        }
        self.text = text
        self.keyID = token?.keyID
        self.issuedAt = token?.issuedAt
        self.expiration = token?.expiration
        self.notBefore = token?.notBefore
        self.receivedAt = now
        self.endsAt = issued.expiresIn.map { now + $0 }
        self.isOpaque = token == nil
        self.scheme = issued.scheme
        self.digest = TokenDigest(of: text)
    }

    private static func refused(_ problem: String) -> MCPClientError {
        MCPClientError(
            .tokenSource, "the token source did not deliver a token: \(problem)",
            rejection: Rejection(.tokenMalformed, problem))
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace || $0 == "\u{FEFF}" }
        let scalars = text.unicodeScalars
        let kept = scalars.drop(while: isSpace)
        let end = kept.lastIndex { !isSpace($0) }
        return end.map { String(kept[...$0]) } ?? ""
    }

    /// The mistakes that are made in practice, each by its name.
    private static func obviousProblem(of text: String) -> String? {
        guard !text.isEmpty else { return "nothing came" }
        let lowered = String(decoding: text.utf8.prefix(16).map(asciiLowercased), as: UTF8.self)
        if ["undefined", "null", "nil", "none", "false", "true", "nan", "[object object]"].contains(lowered) {
            return "the word \"\(lowered)\" came, so a variable was empty where the token is made"
        }
        if lowered.hasPrefix("bearer") {
            return "\"Bearer\" came before it; deliver the bare token, the client writes the header"
        }
        if lowered.hasPrefix("authorization") { return "a whole Authorization header came; deliver the bare token" }
        switch text.utf8.first {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return "JSON came; deliver the token alone"
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return "it came in quotation marks; deliver the bare token"
        case UInt8(ascii: "<"): return "HTML or XML came, so another program answered"
        default: break
        }
        if text.unicodeScalars.contains(where: \.properties.isWhitespace) {
            return "more than one word came; deliver the token alone"
        }
        return nil
    }

    private static func asciiLowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    /// `b64token` of RFC 6750 §2.1, within the bound of every reader of tokens.
    private static func isOpaqueToken(_ text: String) -> Bool {
        let body = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        let padding = text.utf8.dropFirst(body.count)
        return text.utf8.count <= CompactToken.maximumLength && !body.isEmpty
            && padding.allSatisfy { $0 == UInt8(ascii: "=") }
            && body.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._~+/".utf8.contains(byte)
                }
            }
    }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "AccessToken(\(digest), kid: \(keyID ?? "none"))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["digest": digest, "keyID": keyID as Any]) }
}

/// The SHA-256 of a token: recognises it, and does not give it away.
package struct TokenDigest: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]

    package init(of text: String) {
        self.bytes = Array(SHA256.hash(data: Array(text.utf8)))
    }

    /// The first eight hexadecimal digits, for records and logs.
    package var description: String {
        bytes.prefix(4)
            .map { byte in
                let digits = String(byte, radix: 16)
                return digits.utf8.count == 1 ? "0" + digits : digits
            }
            .joined()
    }
}
