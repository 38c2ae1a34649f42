/// A token in JWS compact serialization (RFC 7515 §7.1) that carries JSON claims (RFC 7519), taken apart strictly.
///
/// Nothing is verified: whoever holds one of these knows what the token *says*, not that it is true. Clients read the
/// age and key of their own tokens from it; servers hand it to a verifier.
public struct CompactToken: Sendable, Hashable {
    /// Why a text is not such a token. Never quotes the text.
    public struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }

    /// The longest token that is looked at, in bytes. Default bound of every reader.
    public static let maximumLength = 16 * 1024

    /// The token as it came.
    public let text: String
    public let header: JSONObject
    public let claims: JSONObject
    public let signature: [UInt8]
    /// How many bytes of ``text`` the signature covers, from its start.
    public let signedLength: Int

    /// - Throws: ``Malformed``, with a line that says what is wrong in which part.
    public init(_ text: String, maximumLength: Int = Self.maximumLength) throws(Malformed) {
        guard text.utf8.count <= maximumLength else {
            throw Malformed("the token has \(text.utf8.count) bytes; at most \(maximumLength) are accepted")
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw Malformed("a token has three parts divided by dots; this has \(parts.count)")
        }
        self.text = text
        self.header = try Self.object(parts[0], part: "header")
        self.claims = try Self.object(parts[1], part: "payload")
        guard let signature = Base64URL.decode(parts[2]) else {
            throw Malformed("the signature is not base64url without padding")
        }
        self.signature = signature
        self.signedLength = parts[0].count + 1 + parts[1].count
    }

    private static func object(_ part: Substring.UTF8View, part name: String) throws(Malformed) -> JSONObject {
        guard let bytes = Base64URL.decode(part) else {
            throw Malformed("the \(name) is not base64url without padding")
        }
        let parser = JSONParser(limits: JSONLimits(maximumDepth: 16, maximumNumberLength: 64, duplicates: .refuse))
        do {
            guard let object = try parser.parse(bytes).object else {
                throw Malformed("the \(name) is JSON, but not an object")
            }
            return object
        } catch let error as JSONError {
            throw Malformed("the \(name) is not acceptable JSON: \(error)")
        } catch {
            throw Malformed("the \(name) is JSON, but not an object")
        }
    }
}

extension CompactToken {
    /// The bytes that the signature covers: header and payload as they came, with the dot between them.
    public var signingInput: ArraySlice<UInt8> {
        Array(text.utf8)[..<signedLength]
    }

    /// `kid`: which key signed it, by its own word.
    public var keyID: String? { header["kid"]?.string }
    /// `alg`, by its own word.
    public var algorithm: String? { header["alg"]?.string }
    public var expiration: NumericDate? { date("exp") }
    public var issuedAt: NumericDate? { date("iat") }
    public var notBefore: NumericDate? { date("nbf") }

    private func date(_ claim: String) -> NumericDate? {
        claims[claim]?.number?.double.map(NumericDate.init)
    }
}
