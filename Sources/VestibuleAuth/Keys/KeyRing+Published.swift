public import VestibuleProtocol

extension KeyRing {
    /// The keys that another party publishes for everybody, as a JSON Web Key Set (RFC 7517 §5): public halves only, all
    /// in state `next`, so that they verify and none signs.
    ///
    /// Keys that are no use here are left out, as the RFC asks: another kind, curve, algorithm or use, an RSA key that is
    /// too small. What can only be a mistake of the publisher is refused with the whole set: a secret or a private half
    /// that everybody can read, a key whose parts do not fit, two keys of one name and algorithm. A key without `kid`
    /// gets its fingerprint as name.
    ///
    /// - Parameter algorithms: Those that the publisher may use. They say what an RSA key without `alg` is for (RFC 7517
    ///   §4.4): the one RSA algorithm among them, or RS256 where that is one of several or where this is `nil`. Where
    ///   there are several without RS256, such a key is left out. The header of a token never says it.
    /// - Throws: ``KeyError`` where the set is refused, or none of its keys is left.
    public init(
        published jwks: JSONValue, createdAt: NumericDate, algorithms: Set<SignatureAlgorithm>? = nil
    ) throws(KeyError) {
        guard let values = jwks["keys"]?.array else {
            throw KeyError(.corrupted, "not a JSON Web Key Set: it has no array \"keys\"")
        }
        self.init()
        var leftOut: [String] = []
        for value in values {
            guard let jwk = value.object else {
                throw KeyError(.corrupted, "not a JSON Web Key Set: \"keys\" holds a \(value.kind)")
            }
            let material: any KeyMaterial
            do {
                material = try publishedKeyMaterial(jwk: jwk, algorithms: algorithms)
            } catch {
                guard error.code == .unsupported else { throw error }
                leftOut.append(error.message)
                continue
            }
            let kid = jwk["kid"]?.string ?? material.fingerprint
            if keys(kid: kid).contains(where: { $0.algorithm == material.algorithm }) {
                throw KeyError(.duplicate, "two keys of the set are called \(kid.quoted)")
            }
            try add(RingKey(kid: kid, material: material, state: .next, createdAt: createdAt))
        }
        guard !keys.isEmpty else {
            let why = leftOut.isEmpty ? "it is empty" : leftOut.prefix(3).joined(separator: "; ")
            throw KeyError(.unsupported, "the key set holds no key that is of use here: \(why)")
        }
    }
}

/// Reads a key that is published for everybody.
///
/// - Throws: ``KeyError`` with ``KeyError/Code/unsupported`` for one that is of no use here, and with
///   ``KeyError/Code/corrupted`` for one that nobody should have published as it is.
func publishedKeyMaterial(
    jwk: JSONObject, algorithms: Set<SignatureAlgorithm>? = nil
) throws(KeyError) -> any KeyMaterial {
    if let kid = jwk["kid"], kid.string == nil {
        throw KeyError(.corrupted, "a key's kid is a \(kid.kind); a string is due (RFC 7517 §4.5)")
    }
    let name = jwk["kid"]?.string?.quoted ?? "without kid"
    if let twice = jwk.firstDuplicate {
        throw KeyError(.corrupted, "the key \(name) has its member \(twice.quoted) twice")
    }
    let secrets = ["k"] + RSAKeyMaterial.privateMembers
    guard jwk["kty"] != "oct", !secrets.contains(where: { jwk[$0] != nil }) else {
        throw KeyError(
            .corrupted,
            "the key \(name) is published with its secret part, so that anybody can sign with it; replace it")
    }
    return try keyMaterial(jwk: jwk, algorithms: algorithms).verifyingOnly
}
