internal import Synchronization
public import VestibuleProtocol

/// Finds what an issuer says of itself, and keeps it: OpenID Connect Discovery or RFC 8414, whichever it has.
public final class IssuerDiscovery: Sendable {
    public let issuer: String
    private let document: PublishedDocument<IssuerMetadata, IssuerFailure>

    /// - Parameter issuer: The issuer identifier: an `https` URL, or `http` on this machine, without query or fragment.
    public init(issuer: String, clock: any WallClock, fetch: @escaping IssuerDocument.Fetch) {
        self.issuer = issuer
        // Where it was found before is where it is looked for first.
        let known = Mutex<String?>(nil)
        self.document = PublishedDocument(clock: clock) {
            let places = IssuerMetadata.places(of: issuer)
            let first = known.withLock { $0 }
            let ordered = (first.map { [$0] } ?? []) + places.filter { $0 != first }
            let (metadata, age, place) = try await Self.find(issuer, in: ordered, fetch: fetch)
            known.withLock { $0 = place }
            return (metadata, age)
        }
    }

    /// What the issuer says of itself; from memory, while that is fresh or nothing newer can be had.
    ///
    /// - Throws: ``IssuerFailure``, or `CancellationError`.
    public func metadata() async throws -> IssuerMetadata { try await document.current().value }

    /// What it says by now, where what it said a moment ago turned out to be of no use.
    func metadata(after generation: Int? = nil) async throws -> (metadata: IssuerMetadata, generation: Int) {
        let held = try await document.current(beyond: generation)
        return (held.value, held.generation)
    }

    private static func find(
        _ issuer: String, in places: [String], fetch: IssuerDocument.Fetch
    ) async throws -> (IssuerMetadata, maximumAge: Double?, place: String) {
        var problem: IssuerFailure?
        for place in places {
            // A host that does not answer here does not answer there either.
            let document = try await fetch(place)
            guard document.status != 404 else { continue }
            let found = Result { () throws(IssuerFailure) in
                let (json, age) = try document.json("the description at \(place.shownURL)")
                return (metadata: try IssuerMetadata(json, for: issuer, at: place), age: age)
            }
            switch found {
            case .success(let found): return (found.metadata, found.age, place)
            case .failure(let failure): problem = problem ?? failure
            }
        }
        throw problem
            ?? IssuerFailure(
                "\(issuer.quoted) has no description (HTTP 404 at \(places.joined(separator: ", "))); check `issuer`, or "
                    + "set `jwks` to where its keys are")
    }
}
