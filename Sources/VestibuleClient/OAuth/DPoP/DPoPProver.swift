internal import Crypto
internal import HTTPTypes
internal import Synchronization
internal import VestibuleProtocol

/// Proves that whoever sends a token holds the key that it is bound to (RFC 9449): a new proof for each request, and
/// the nonces that servers ask for.
///
/// It remembers the newest nonce of each origin, of at most 64.
final class DPoPProver: RequestAuthorizer {
    static let maximumOrigins = 64

    let key: OAuthSigningKey
    private let clock: any WallClock
    private let random: RandomSource
    private let nonces = Mutex<[(origin: String, nonce: String)]>([])

    init(key: OAuthSigningKey, clock: any WallClock, random: RandomSource) {
        self.key = key
        self.clock = clock
        self.random = random
    }

    func authorize(_ request: inout TransportRequest, with token: PresentedToken) async throws {
        request.fields[.authorization] = nil
        request.fields.append(token.authorization)
        request.fields[.dpop] = nil
        // A server that does not bind its tokens wants no proof of them.
        guard token.scheme == .dpop else { return }
        request.fields.append(
            try field(method: request.method, url: request.url, token: token.text, now: clock.now(), random: random))
    }

    func learn(from status: Int, _ fields: HTTPFields, to request: TransportRequest) -> Bool {
        let sentNonce = request.fields[.dpop].flatMap { try? CompactToken($0) }?.claims["nonce"]?.string
        guard learn(from: fields, at: request.url), status == 401, request.fields[.dpop] != nil else { return false }
        let asks = BearerChallenge.parse(fields: fields[values: .wwwAuthenticate])
            .contains { $0.scheme == .dpop && $0.error == "use_dpop_nonce" }
        guard asks, let nonce = fields[.dpopNonce] else { return false }
        // The nonce that was refused would be refused again.
        return !(sentNonce?.hasSameBytes(as: nonce) ?? false)
    }

    /// Keeps the nonce of an answer (RFC 9449 §8.2), where it gives one.
    @discardableResult
    func learn(from fields: HTTPFields, at url: String) -> Bool {
        guard let nonce = fields[.dpopNonce], (1...512).contains(nonce.utf8.count),
            nonce.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }),
            let origin = WebAddress(url)?.origin
        else { return false }
        nonces.withLock { nonces in
            nonces.removeAll { $0.origin.hasSameBytes(as: origin) }
            if nonces.count >= Self.maximumOrigins { nonces.removeFirst() }
            nonces.append((origin, nonce))
        }
        return true
    }

    /// The proof for one request (RFC 9449 §4.2).
    func field(
        method: HTTPRequest.Method, url: String, token: String?, now: NumericDate, random: RandomSource
    ) throws(MCPClientError) -> HTTPField {
        guard let address = WebAddress(url) else {
            throw .signInFailed("\(url.shownURL) is no URL that a proof of possession could be made for")
        }
        var claims: JSONObject = [
            "jti": .string(Base64URL.encode(random.bytes(16))), "htm": .string(method.rawValue),
            "htu": .string(address.origin + address.path), "iat": .integer(now.wholeSeconds),
        ]
        if let token { claims["ath"] = .string(Base64URL.encode(Array(SHA256.hash(data: Array(token.utf8))))) }
        let nonce = nonces.withLock { nonces in
            nonces.last { $0.origin.hasSameBytes(as: address.origin) }?.nonce
        }
        if let nonce { claims["nonce"] = .string(nonce) }
        do {
            let proof = try key.token(header: ["typ": "dpop+jwt", "jwk": .object(key.jwk)], claims: claims)
            var field = HTTPField(name: .dpop, value: proof)
            field.indexingStrategy = .disallow
            return field
        } catch {
            throw .signInFailed("the key of the proof of possession cannot sign; make another")
        }
    }
}

extension HTTPField.Name {
    /// Constant names, lawful as the tests show, so the fallback is never taken.
    static let dpop = HTTPField.Name("DPoP") ?? .cookie
    static let dpopNonce = HTTPField.Name("DPoP-Nonce") ?? .cookie
}
