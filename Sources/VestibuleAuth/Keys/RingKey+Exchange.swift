internal import Crypto
public import VestibuleProtocol

// Keys in the forms in which other programs keep them: JWK (RFC 7517, RFC 8037) and PEM (RFC 7468).

extension RingKey {
    /// The key of a file's bytes, in state `next`: a JWK, or PEM with a private key (PKCS #8 or SEC 1) or a public one.
    ///
    /// - Parameter kid: The key's name; by default the JWK's own, else made of algorithm and fingerprint.
    /// - Throws: ``KeyError``: neither JWK nor PEM, more than one key, a kind that is not supported, parts that do not
    ///   fit, a short or known secret.
    public init(imported bytes: [UInt8], kid: String? = nil, createdAt: NumericDate) throws(KeyError) {
        let material: any KeyMaterial
        var name = kid
        if PEM.isPEM(bytes) {
            // `openssl ecparam -genkey` writes the curve's name before the key.
            let blocks = try PEM(bytes).blocks.filter { $0.label != "EC PARAMETERS" }
            guard let block = blocks.first, blocks.count == 1 else {
                throw KeyError(.unsupported, "the PEM text has \(blocks.count) keys; give one at a time")
            }
            material = try keyMaterial(pem: block)
        } else {
            let jwk = try Self.object(bytes)
            name = name ?? jwk["kid"]?.string
            material = try keyMaterial(jwk: jwk)
        }
        if let secret = material as? HMACKeyMaterial {
            try self.init(
                hmacSecret: secret.bytes, algorithm: secret.kind,
                kid: name ?? Self.name(of: material), state: .next, createdAt: createdAt)
        } else {
            self.init(kid: name ?? Self.name(of: material), material: material, state: .next, createdAt: createdAt)
        }
    }

    private static func name(of material: any KeyMaterial) -> String {
        "\(material.algorithm.rawValue.lowercased())-\(material.fingerprint)"
    }

    private static func object(_ bytes: [UInt8]) throws(KeyError) -> JSONObject {
        guard let value = try? JSONParser(limits: JSONLimits(maximumDepth: 8, duplicates: .refuse)).parse(bytes),
            let object = value.object, object["kty"] != nil
        else { throw KeyError(.corrupted, "it is neither a JWK (a JSON object with kty) nor PEM") }
        return object
    }

    /// The key as a JWK (RFC 7517) with its `kid`.
    ///
    /// - Parameter includesPrivate: With the private half, or the secret: whoever reads it can sign.
    /// - Returns: `nil` where the part that is asked for is not here: a secret has no public half.
    public func jwk(includesPrivate: Bool = false) -> JSONValue? {
        guard var jwk = includesPrivate ? (canSign ? material.jwk : nil) : material.publicJWK else { return nil }
        jwk["kid"] = .string(kid)
        return .object(jwk)
    }

    /// The key in PEM: PKCS #8, or a SubjectPublicKeyInfo.
    ///
    /// - Returns: `nil` where the part that is asked for is not here, and for a secret, which PEM has no form for.
    public func pem(includesPrivate: Bool = false) -> String? {
        includesPrivate ? material.privatePEM : material.publicPEM
    }

    /// The SHA-256 thumbprint of the public key in base64url (RFC 7638), or `nil` for a secret, of which it would give
    /// something away.
    public var thumbprint: String? {
        material.publicJWK == nil ? nil : Base64URL.encode(material.identity)
    }
}

extension KeyRing {
    /// The keys of PEM text that another party publishes: one or more blocks `PUBLIC KEY`, all in state `next`, so that
    /// they verify and none signs.
    ///
    /// - Parameters:
    ///   - kid: The name of the only key; by default, and where there are several, each is named by its fingerprint.
    ///   - algorithms: What an RSA key may be for, as in ``init(published:createdAt:algorithms:)``.
    /// - Throws: ``KeyError``: no key, a private one, or one that is not supported.
    public init(
        publishedPEM text: [UInt8], kid: String? = nil, createdAt: NumericDate,
        algorithms: Set<SignatureAlgorithm>? = nil
    ) throws(KeyError) {
        let blocks = try PEM(text).blocks
        guard !blocks.isEmpty else { throw KeyError(.corrupted, "it holds no PEM block PUBLIC KEY") }
        self.init()
        for block in blocks {
            let material = try keyMaterial(pem: block, algorithms: algorithms)
            guard !material.canSign else {
                throw KeyError(
                    .corrupted, "it holds a private key; give the public half: openssl pkey -in FILE -pubout")
            }
            let name = blocks.count == 1 ? kid ?? material.fingerprint : material.fingerprint
            try add(RingKey(kid: name, material: material, state: .next, createdAt: createdAt))
        }
    }
}
