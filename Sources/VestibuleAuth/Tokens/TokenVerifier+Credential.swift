internal import VestibuleProtocol

extension TokenVerifier {
    /// What the request's `Authorization` fields amount to (RFC 6750 §2.1). The scheme has no case (RFC 9110 §11.1).
    ///
    /// - Parameter fields: The values of all `Authorization` fields of the request, as they came.
    public func credential(authorization fields: [String]) async -> Credential {
        guard let field = fields.first else { return .absent }
        guard fields.count == 1 else {
            return .malformed("the request has \(fields.count) Authorization headers; send exactly one")
        }
        if let token = Self.plainBearerToken(field) { return await credential(token) }
        let bytes = Array(field.utf8.drop { $0 == 0x20 || $0 == 0x09 })
        let scheme = bytes.prefix { $0 != 0x20 && $0 != 0x09 }
        let rest = bytes.dropFirst(scheme.count).trimmingWhitespace
        guard !scheme.isEmpty else {
            return .malformed("the Authorization header is empty; send \"Bearer TOKEN\" or no such header")
        }
        guard scheme.lowercasedASCII.elementsEqual("bearer".utf8) else {
            return .malformed(Self.otherScheme(scheme, rest: rest))
        }
        guard !rest.isEmpty else {
            return .malformed(
                "the Authorization header says \"Bearer\" with no token behind it; the client had none to send")
        }
        return await credential(String(decoding: rest, as: UTF8.self))
    }

    private func credential(_ token: String) async -> Credential {
        switch await authenticate(token) {
        case .success(let principal): return .verified(principal)
        case .failure(let rejection): return .rejected(rejection)
        }
    }

    /// What stands behind `Bearer`, where the field is written as nearly everybody writes it: one space, and neither
    /// space nor tab around.
    private static func plainBearerToken(_ field: String) -> String? {
        var field = field
        return field.withUTF8 { bytes in
            guard bytes.starts(with: "Bearer ".utf8) else { return nil }
            let token = UnsafeBufferPointer(rebasing: bytes[7...])
            guard let first = token.first, let last = token.last, first > 0x20, last > 0x20 else { return nil }
            return String(decoding: token, as: UTF8.self)
        }
    }

    /// A scheme of another kind is named; what might be a bare token never is.
    private static func otherScheme(_ scheme: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) -> String {
        if rest.isEmpty {
            return "the Authorization header has no scheme; send \"Bearer \" before the token"
        }
        let known = ["basic", "digest", "dpop", "negotiate", "token", "apikey", "hoba", "mutual", "ntlm", "jwt"]
        let lowered = String(decoding: scheme.lowercasedASCII, as: UTF8.self)
        let name = known.contains(lowered) ? "the scheme \(lowered.quoted)" : "another scheme"
        return "the Authorization header uses \(name); only \"Bearer\" is accepted"
    }
}

extension Credential {
    fileprivate static func malformed(_ detail: String) -> Credential {
        .rejected(Rejection(.tokenMalformed, detail))
    }
}

extension Sequence<UInt8> {
    var lowercasedASCII: [UInt8] {
        map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
}
