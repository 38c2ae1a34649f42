internal import Crypto
internal import VestibuleProtocol

/// A proof of possession as a server checks it (RFC 9449 §4.3), with P-256 keys.
enum ProofOfPossession {
    struct Verified: Sendable {
        var thumbprint: String
        var identifier: String
        var nonce: String?
    }

    /// `nil` where the proof does not hold.
    static func verify(_ proof: CompactToken, method: String, url: String, token: String?) -> Verified? {
        guard proof.header["typ"]?.string == "dpop+jwt", proof.header["alg"]?.string == "ES256",
            let jwk = proof.header["jwk"], jwk["d"] == nil, let x = jwk["x"]?.string, let y = jwk["y"]?.string,
            let point = Base64URL.decode(x), let other = Base64URL.decode(y),
            let key = try? P256.Signing.PublicKey(rawRepresentation: point + other),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: proof.signature),
            key.isValidSignature(signature, for: Array(proof.text.utf8.prefix(proof.signedLength))),
            let identifier = proof.claims["jti"]?.string, proof.claims["htm"]?.string == method,
            proof.claims["htu"]?.string == String(url.prefix { $0 != "?" }), proof.claims["iat"]?.integer != nil
        else { return nil }
        if let token {
            guard proof.claims["ath"]?.string == Base64URL.encode(Array(SHA256.hash(data: Array(token.utf8)))) else {
                return nil
            }
        }
        let members = #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#
        return Verified(
            thumbprint: Base64URL.encode(Array(SHA256.hash(data: Array(members.utf8)))), identifier: identifier,
            nonce: proof.claims["nonce"]?.string)
    }
}
