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
        self.text = text
        var copy = text
        let parts = copy.withUTF8 { bytes in Result { () throws(Malformed) in try Self.parts(of: bytes) } }
        (header, claims, signature, signedLength) = try parts.get()
    }

    private typealias Parts = (header: JSONObject, claims: JSONObject, signature: [UInt8], signedLength: Int)

    private static func parts(of text: UnsafeBufferPointer<UInt8>) throws(Malformed) -> Parts {
        let dot = UInt8(ascii: ".")
        guard let first = text.firstIndex(of: dot), let second = text[(first + 1)...].firstIndex(of: dot),
            !text[(second + 1)...].contains(dot)
        else {
            throw Malformed("a token has three parts divided by dots; this has \(text.count { $0 == dot } + 1)")
        }
        let header = try object(text[..<first], part: "header")
        let claims = try object(text[(first + 1)..<second], part: "payload")
        guard let signature = Base64URL.decode(text[(second + 1)...]) else {
            throw Malformed("the signature is not base64url without padding")
        }
        return (header, claims, signature, second)
    }

    private static func object(
        _ part: Slice<UnsafeBufferPointer<UInt8>>, part name: String
    ) throws(Malformed) -> JSONObject {
        guard let bytes = Base64URL.decode(part) else {
            throw Malformed("the \(name) is not base64url without padding")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try parser.parse(bytes)
        } catch {
            // The error of the parser would name the member; what a token says is not to be repeated.
            guard error.code != .duplicateMember else { throw Malformed("a member of the \(name) occurs twice") }
            throw Malformed("the \(name) is not acceptable JSON: \(error)")
        }
        guard let object = value.object else { throw Malformed("the \(name) is JSON, but not an object") }
        return object
    }

    private static let parser = JSONParser(
        limits: JSONLimits(maximumDepth: 16, maximumNumberLength: 64, duplicates: .refuse))
}

extension CompactToken {
    /// The bytes that the signature covers: header and payload as they came, with the dot between them.
    ///
    /// A copy; where speed matters, ``withSigningInput(_:)`` makes none.
    public var signingInput: ArraySlice<UInt8> {
        withSigningInput { ArraySlice($0) }
    }

    /// Hands over the bytes that the signature covers, without copying them.
    public func withSigningInput<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var text = text
        return try text.withUTF8 {
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[..<signedLength]))
        }
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
