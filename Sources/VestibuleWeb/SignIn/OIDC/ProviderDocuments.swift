internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

/// What the provider publishes: its description and its keys.
final class ProviderDocuments: Sendable {
    let metadata: PublishedDocument<ProviderMetadata, OIDCFailure>
    let keys: PublishedDocument<KeyRing, OIDCFailure>

    /// How long a document may take.
    static let timeout = Duration.seconds(5)
    static let maximumSize = 1024 * 1024

    init(issuer: String, transport: any HTTPTransport, clock: any WallClock) {
        let fetch = DocumentFetch(transport: transport, clock: clock)
        let metadata = PublishedDocument<ProviderMetadata, OIDCFailure>(clock: clock) {
            let (json, age) = try await fetch.json("the provider's description", at: ProviderMetadata.url(of: issuer))
            return (try ProviderMetadata(json, for: issuer), age)
        }
        self.metadata = metadata
        self.keys = PublishedDocument<KeyRing, OIDCFailure>(clock: clock) {
            let provider = try await metadata.current().value
            let place = provider.jwksURI
            let (json, age) = try await fetch.json("the provider's key set", at: place)
            do throws(KeyError) {
                return (
                    try KeyRing(published: json, createdAt: clock.now(), algorithms: provider.idTokenAlgorithms), age
                )
            } catch {
                throw OIDCFailure(
                    .providerInvalid, "the provider's key set at \(place.prefix { $0 != "?" }): \(error.message)",
                    advice: "let the provider publish a sound key for RS256, PS256, ES256, EdDSA or their like")
            }
        }
    }
}

/// One GET of JSON, bounded in time and size; redirects are not followed.
struct DocumentFetch: Sendable {
    let transport: any HTTPTransport
    let clock: any WallClock

    func json(_ what: String, at url: String) async throws -> (JSONValue, maximumAge: Double?) {
        let shown = "\(what) at \(url.prefix { $0 != "?" })"
        let exchange = BoundedExchange(transport: transport, clock: clock, limit: ProviderDocuments.maximumSize)
        let reply = try await OIDCFailure.explaining {
            try await exchange.get(url, timeout: ProviderDocuments.timeout, shown)
        }
        guard reply.status == 200 else {
            let isRedirect = (300..<400).contains(reply.status)
            throw OIDCFailure(
                reply.status >= 500 ? .providerUnreachable : .providerInvalid,
                "\(shown): HTTP \(reply.status)" + (isRedirect ? ", a redirect, which is not followed" : ""),
                advice: isRedirect
                    ? "set signIn.oidc.issuer to where it leads" : "check signIn.oidc.issuer, or try again in a while")
        }
        guard let json = try? JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(reply.body) else {
            throw OIDCFailure(
                .providerInvalid, "\(shown) is not acceptable JSON",
                advice: "check signIn.oidc.issuer: what answers there is no OpenID provider")
        }
        return (json, maximumAge(ofCacheControl: reply.fields[.cacheControl]))
    }
}
