internal import VestibuleProtocol

/// A key set at a URL.
struct PublishedKeySet: Sendable {
    let algorithms: Set<SignatureAlgorithm>?
    let clock: any WallClock
    let fetch: IssuerDocument.Fetch

    /// - Throws: ``IssuerFailure``, or `CancellationError`.
    func load(from url: String) async throws -> (keys: KeyRing, maximumAge: Double?) {
        let shown = "the key set at \(url.shownURL)"
        let (json, age) = try await fetch(url).json(shown)
        do throws(KeyError) {
            return (try KeyRing(published: json, createdAt: clock.now(), algorithms: algorithms), age)
        } catch {
            throw IssuerFailure("\(shown) cannot be used: \(error.message)")
        }
    }
}
