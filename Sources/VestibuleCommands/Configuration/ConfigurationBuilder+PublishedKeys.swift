internal import VestibuleAuth

extension ConfigurationBuilder {
    /// Where an issuer's published keys are: a URL, a file, or wherever its description says.
    ///
    /// - Returns: `nil` where it was reported that there is no such place.
    mutating func publishedKeys(
        _ issuer: String, _ settings: Settings, path: String
    ) -> Configuration.PublishedKeys? {
        refuseShared(settings, path: path)
        let keys = Configuration.PublishedKeys(
            source: .discovery, allowsPrivateNetwork: settings.boolean("allowPrivateNetwork"), place: settings.place)
        if let entry = settings.entry("jwksFile"), let file = settings.text("jwksFile") {
            if keys.allowsPrivateNetwork, settings.entry("introspection") == nil,
                let network = settings.entry("allowPrivateNetwork")
            {
                report(network.place, "\(path).allowPrivateNetwork: a file is not fetched from anywhere; leave it out")
            }
            return keys.with(.file(resolve(file)), at: entry.value.place)
        }
        if let entry = settings.entry("jwks") {
            guard let url = settings.text("jwks") else { return nil }
            guard let problem = Self.problem(withAddress: url) else {
                return keys.with(.url(url), at: entry.value.place)
            }
            report(entry.value.place, "\(path).jwks: \(problem)")
            return nil
        }
        let place = settings.entry("issuer")?.value.place ?? settings.place
        guard HTTPURL(issuer) != nil else {
            report(
                place,
                "\(path).issuer: `\(issuer)` is no URL, so that its keys cannot be discovered; add `secrets`, `jwks` or "
                    + "`jwksFile`")
            return nil
        }
        if issuer.contains("?") {
            report(
                place, "\(path).issuer: an issuer identifier has no query (RFC 8414 §2); leave it out, or set `jwks`")
            return nil
        }
        if let problem = Self.problem(withAddress: issuer) {
            report(place, "\(path).issuer: \(problem)")
            return nil
        }
        return keys.with(.discovery, at: place)
    }

    /// Published keys are public: a secret algorithm among them would let everybody sign.
    private mutating func refuseShared(_ settings: Settings, path: String) {
        for (name, place) in settings.placedTexts("algorithms") {
            guard let algorithm = SignatureAlgorithm(rawValue: name), algorithm.isSymmetric else { continue }
            report(
                place, "\(path).algorithms: \(name) needs a shared secret, and published keys are none; leave it out")
        }
    }

    private static func problem(withAddress text: String) -> String? {
        guard let url = HTTPURL(text), url.scheme == "http", !url.isLoopback else { return nil }
        return "expected https://, because whoever is between could put keys of their own in place; http:// is for "
            + "loopback only"
    }
}

extension Configuration.PublishedKeys {
    fileprivate func with(_ source: Source, at place: SettingPlace) -> Self {
        var copy = self
        copy.source = source
        copy.place = place
        return copy
    }
}
