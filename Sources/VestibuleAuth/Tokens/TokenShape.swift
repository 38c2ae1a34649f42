internal import VestibuleProtocol

/// The first step of verification: is this a token at all?
enum TokenShape {
    /// - Throws: `token_malformed`, with a line for each usual accident. Never quotes what came.
    static func read(_ text: String) throws(Rejection) -> CompactToken {
        do {
            return try CompactToken(text)
        } catch {
            // No accident is a token, so only what is none is searched for them.
            throw Rejection(.tokenMalformed, accident(text) ?? encryption(text) ?? error.description)
        }
    }

    /// What became of a token on its way here, where that can be told; `nil` for what may well be one.
    static func accident(_ text: String) -> String? {
        let bytes = text.utf8
        guard bytes.count <= CompactToken.maximumLength else { return nil }
        let lowered = bytes.prefix(16).lowercasedASCII
        let starts: (String) -> Bool = { lowered.starts(with: $0.utf8) }
        switch text {
        case "": return "the token is empty"
        case "undefined", "null", "NaN", "None", "nil", "true", "false", "[object Object]", "[object Promise]":
            return "the token is the word \"\(text)\": the client sent a variable that held no token"
        default: break
        }
        if starts("bearer ") || starts("bearer%20") || lowered.elementsEqual("bearer".utf8) {
            return "\"Bearer\" stands twice; send it once before the token"
        }
        if let first = bytes.first, "\"'<{[".utf8.contains(first) {
            return
                "the token starts with \(String(UnicodeScalar(first)).quoted): send the bare token, nothing around it"
        }
        if bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "there is white space or a control character within the token; send it in one piece"
        }
        return nil
    }

    private static func encryption(_ text: String) -> String? {
        guard text.utf8.count <= CompactToken.maximumLength, text.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 4
        else { return nil }
        return "the token is encrypted (five parts, RFC 7516); only signed ones (three parts) are accepted"
    }
}

/// The second step: does the header ask for anything that we do not do?
enum TokenHeader {
    /// - Returns: The algorithm that the header claims; whether it is the key's is decided with the key.
    static func check(_ token: CompactToken) throws(Rejection) -> SignatureAlgorithm {
        guard let value = token.header["alg"] else {
            throw Rejection(.algorithmNotAllowed, "the token's header names no alg; \(accepted)")
        }
        guard let name = value.string, let algorithm = SignatureAlgorithm(rawValue: name), algorithm.hasName(name)
        else {
            let shown = value.string?.quoted ?? "a \(value.kind)"
            throw Rejection(.algorithmNotAllowed, "the token's alg is \(shown); \(accepted)")
        }
        if token.header["crit"] != nil {
            throw Rejection(
                .algorithmNotAllowed,
                "the token's header has crit: it demands extensions (RFC 7515 §4.1.11), and none is supported here")
        }
        if let kid = token.header["kid"], kid.string == nil {
            throw Rejection(.tokenMalformed, "the token's kid is a \(kid.kind); a string is due (RFC 7515 §4.1.4)")
        }
        if let type = token.header["typ"], !isAccessTokenType(type) {
            throw Rejection(
                .tokenMalformed,
                "the token's typ is \(type.string?.quoted ?? "a \(type.kind)"), not JWT or at+jwt: not an access token")
        }
        return algorithm
    }

    private static let accepted =
        "accepted are \(SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))"

    /// Media types have no case, and `application/` may be left out (RFC 7515 §4.1.9).
    private static func isAccessTokenType(_ value: JSONValue) -> Bool {
        guard let text = value.string else { return false }
        if text.hasSameBytes(as: "at+jwt") || text.hasSameBytes(as: "JWT") { return true }
        let name = String(decoding: text.utf8.lowercasedASCII, as: UTF8.self)
        return ["jwt", "at+jwt", "application/jwt", "application/at+jwt"].contains { $0.hasSameBytes(as: name) }
    }
}

extension SignatureAlgorithm {
    fileprivate func hasName(_ name: String) -> Bool { rawValue.hasSameBytes(as: name) }
}
