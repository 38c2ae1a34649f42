internal import Crypto
internal import VestibuleClient
internal import VestibuleProtocol
internal import VestibuleServer

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The proof that whoever redeems a code is who asked for it (RFC 7636).
struct ProofKey: Sendable, Hashable {
    /// 43 characters (§4.1).
    let verifier: String

    /// BASE64URL(SHA256(verifier)) (§4.2).
    var challenge: String { Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8)))) }
}

/// One sign-in that was begun and has not come back yet.
struct SignInAttempt: Sendable, Hashable {
    /// Comes back in the response, and proves that this browser began it (RFC 6749 §10.12).
    let state: String
    /// Comes back in the ID token, and proves that it was made for this sign-in.
    let nonce: String
    let proofKey: ProofKey
    let returnTo: ReturnPath
    let begunAt: NumericDate

    static func make(returnTo: ReturnPath, now: NumericDate) -> SignInAttempt {
        SignInAttempt(
            state: RandomID.makeSecret(), nonce: RandomID.makeSecret(),
            proofKey: ProofKey(verifier: RandomID.makeSecret()), returnTo: returnTo, begunAt: now)
    }

    /// How long a sign-in may take.
    static let lifetime = Duration.seconds(600)

    /// By magnitude, because a wall clock may be set back.
    func isExpired(at now: NumericDate) -> Bool { (now - begunAt).magnitude > Self.lifetime.inSeconds }
}

extension ProviderMetadata {
    /// Where to send the browser (OpenID Connect Core §3.1.2.1).
    func authorizationURL(
        _ attempt: SignInAttempt, configuration: OIDCConfiguration, redirectURI: String
    ) -> String {
        let query = FormEncoding.encode([
            ("response_type", "code"), ("client_id", configuration.clientID), ("redirect_uri", redirectURI),
            ("scope", configuration.scope.joined(separator: " ")), ("state", attempt.state), ("nonce", attempt.nonce),
            ("code_challenge", attempt.proofKey.challenge), ("code_challenge_method", "S256"),
        ])
        // The endpoint may have a query of its own, which is kept (RFC 6749 §3.1).
        let join = authorizationEndpoint.contains("?") ? "&" : "?"
        return authorizationEndpoint + join + String(decoding: query, as: UTF8.self)
    }
}
