internal import VestibuleProtocol

/// The steps of verification that need keys: which key is meant, and did it sign?
struct SignatureCheck {
    let token: CompactToken
    let algorithm: SignatureAlgorithm
    let issuer: TrustedIssuer
    let now: NumericDate
    let input: ArraySlice<UInt8>

    init(token: CompactToken, algorithm: SignatureAlgorithm, issuer: TrustedIssuer, now: NumericDate) {
        self.token = token
        self.algorithm = algorithm
        self.issuer = issuer
        self.now = now
        self.input = token.signingInput
    }

    /// The key that signed the token, and the generation of the ring that it is in.
    ///
    /// A ring that follows a file is looked at again at once before a token is refused for its key, so that a rotation
    /// that happened this very moment refuses nobody.
    ///
    /// - Throws: `algorithm_not_allowed`, `key_unknown`, `key_retired` or `signature_invalid`.
    func run() throws(Rejection) -> (key: RingKey, generation: UInt64) {
        if let algorithms = issuer.algorithms, !algorithms.contains(algorithm) {
            let accepted = algorithms.map(\.rawValue).sorted().joined(separator: ", ")
            throw Rejection(
                .algorithmNotAllowed,
                "\(algorithm.rawValue) is not accepted from \(issuer.name.quoted); accepted: \(accepted)")
        }
        let (ring, generation) = issuer.ring()
        do throws(Rejection) {
            return (try signer(in: ring), generation)
        } catch {
            let (newer, newGeneration) = issuer.ring(atOnce: true)
            guard newGeneration != generation else { throw error }
            return (try signer(in: newer), newGeneration)
        }
    }

    private func signer(in ring: KeyRing) throws(Rejection) -> RingKey {
        let named = try candidates(in: ring)
        // One key of that name, of that algorithm, in use: nearly always.
        if named.count == 1, let key = named.first, !key.state.settled(at: now).isRetired, signed(by: key) {
            return key
        }
        let fitting = named.filter { $0.algorithm == algorithm }
        guard !fitting.isEmpty else {
            let due = Set(named.map(\.algorithm.rawValue)).sorted().joined(separator: ", ")
            throw Rejection(
                .algorithmNotAllowed,
                "the token's alg is \(algorithm.rawValue.quoted), but its key is for \(due.isEmpty ? "none" : due)")
        }
        let usable = fitting.filter { !$0.state.settled(at: now).isRetired }
        if let key = usable.first(where: { signed(by: $0) }) { return key }
        throw RefusedSignature(check: self, ring: ring, named: fitting).rejection
    }

    func signed(by key: RingKey) -> Bool {
        key.algorithm == algorithm && key.material.isValid(signature: token.signature, for: input)
    }

    /// The keys that the token can mean: those of its `kid`, or all where it has none and that is allowed. A `kid` that
    /// is not known is never tried against anything else.
    private func candidates(in ring: KeyRing) throws(Rejection) -> [RingKey] {
        if let remote = issuer.remoteKeys, ring.keys.isEmpty {
            throw remote.unavailable(issuer.name)
        }
        guard let kid = token.keyID else {
            guard issuer.acceptsMissingKeyID else {
                throw Rejection(
                    .keyUnknown,
                    "the token names no kid, and \(issuer.name.quoted) needs one; known: \(knownNames(ring))")
            }
            return ring.keys
        }
        let keys = ring.keys(kid: kid)
        guard !keys.isEmpty else {
            throw Rejection(
                .keyUnknown, "no key \(kid.quoted) of \(issuer.name.quoted) is known; known: \(knownNames(ring))")
        }
        return keys
    }

    private func knownNames(_ ring: KeyRing) -> String {
        let names = ring.verifying(at: now).map(\.kid.quoted)
        guard !names.isEmpty else { return "none" }
        return names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}
