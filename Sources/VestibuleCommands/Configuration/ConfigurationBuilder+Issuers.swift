internal import VestibuleAuth
internal import VestibuleProtocol

extension ConfigurationBuilder {
    mutating func issuers(_ root: Settings) -> [Configuration.Issuer] {
        guard root.entry("issuers") != nil else { return [.own] }
        var issuers: [Configuration.Issuer] = []
        for (index, settings) in root.sections("issuers").enumerated() {
            guard let issuer = issuer(settings, path: "issuers[\(index)]") else { continue }
            if issuers.contains(where: { $0.isSame(as: issuer) }) {
                report(settings.place, "issuers[\(index)]: \(issuer.title) stands here twice; keep one of the two")
            }
            refuseSecondIntrospection(issuer, after: issuers, settings, path: "issuers[\(index)]")
            issuers.append(issuer)
        }
        return issuers
    }

    private mutating func issuer(_ settings: Settings, path: String) -> Configuration.Issuer? {
        var issuer = Configuration.Issuer.own
        issuer.issuer = settings.text("issuer")
        issuer.audiences = settings.texts("audience")
        if settings.entry("algorithms") != nil {
            issuer.algorithms = Set(settings.texts("algorithms").compactMap(SignatureAlgorithm.init))
        }
        issuer.maximumTokenAge = settings.duration("maximumTokenAge")
        issuer.leeway = settings.duration("leeway") ?? .seconds(5)
        issuer.acceptsMissingKeyID = settings.boolean("acceptsMissingKeyID")
        issuer.tokenType = settings.choice("tokenType")
        issuer.requiredClaims = requiredClaims(settings, path: path)
        issuer.claims = claims(settings.section("claims"), path: "\(path).claims")
        issuer.introspection = introspection(settings, path: path)
        let sources = ["secrets", "jwks", "jwksFile"].compactMap(settings.entry)
        let isFetched = settings.text("name") != "own" && settings.entry("secrets") == nil
        if !isFetched, settings.boolean("allowPrivateNetwork"), let entry = settings.entry("allowPrivateNetwork") {
            report(entry.place, "\(path).allowPrivateNetwork: its keys are not fetched from anywhere; leave it out")
        }
        if settings.text("name") == "own" {
            for entry in sources {
                report(entry.place, "\(path): `own` is the key ring in the data directory and takes no `\(entry.name)`")
            }
            return issuer
        }
        guard let identifier = issuer.issuer else {
            if sources.isEmpty {
                report(settings.place, "\(path): expected `name: own`, or `issuer` with an https URL or with `secrets`")
            } else {
                report(settings.place, "\(path).issuer is missing; expected the tokens' `iss`")
            }
            return nil
        }
        issuer.name = settings.text("name") ?? identifier
        if issuer.audiences.isEmpty, settings.entry("audience") == nil {
            warn(settings.place, "\(path).audience is not set: its tokens have to be for publicURL")
        }
        if sources.count > 1 {
            let names = sources.map { "`\($0.name)`" }.joined(separator: " and ")
            report(sources[1].place, "\(path): \(names) exclude one another; keep one")
        }
        guard settings.entry("secrets") == nil else {
            let secrets = secrets(settings, path: path)
            issuer.keys = .secrets(secrets)
            refuseUnusable(secrets, of: issuer, settings: settings, path: path)
            return issuer
        }
        guard let keys = publishedKeys(identifier, settings, path: path) else { return nil }
        issuer.keys = .published(keys)
        return issuer
    }

    private mutating func refuseUnusable(
        _ secrets: [Configuration.Secret], of issuer: Configuration.Issuer, settings: Settings, path: String
    ) {
        guard let algorithms = issuer.algorithms, !algorithms.isEmpty, let entry = settings.entry("algorithms"),
            let first = secrets.first?.algorithm.rawValue,
            !secrets.contains(where: { algorithms.contains($0.algorithm.signatureAlgorithm) })
        else { return }
        report(
            entry.value.place,
            "\(path).algorithms: its secrets sign \(first), so no token could be accepted; add \(first), give the "
                + "secrets another `algorithm`, or leave `algorithms` out")
    }

    private mutating func secrets(_ issuer: Settings, path: String) -> [Configuration.Secret] {
        var secrets: [Configuration.Secret] = []
        for (index, settings) in issuer.sections("secrets").enumerated() {
            let path = "\(path).secrets[\(index)]"
            guard let keyID = settings.text("kid"), let file = settings.text("file") else { continue }
            let state = state(settings, path: path)
            // A secret may change under one `kid`: the old one then stands beside its successor, verifying or retired.
            if state == .active, let other = secrets.first(where: { $0.state == .active }) {
                report(
                    settings.place,
                    "\(path): `\(other.keyID)` is active already (line \(other.place.line)); the older of the two is "
                        + "`state: verifying` with `until`, or `retired` with `at`; one that is to come is `next`")
            }
            secrets.append(
                Configuration.Secret(
                    keyID: keyID, file: FilePath.resolve(file, against: folder),
                    algorithm: settings.text("algorithm").flatMap(HMACAlgorithm.init) ?? .hs256, state: state,
                    allowsShortSecret: settings.boolean("allowShortSecret"),
                    place: settings.entry("file")?.value.place ?? settings.place))
        }
        return secrets
    }

    private mutating func state(_ settings: Settings, path: String) -> KeyState {
        // A word that was refused is no ground for further complaints.
        guard let word = settings.text("state") else { return .retired(at: NumericDate(0)) }
        for (key, owner) in [("until", "verifying"), ("at", "retired")] {
            switch (settings.entry(key), word == owner) {
            case (nil, true) where !problems.contains(where: { $0.message.hasPrefix("\(path).\(key): ") }):
                report(settings.place, "\(path).\(key) is missing; a \(owner) key needs a date")
            case (let entry?, false):
                report(entry.place, "\(path).\(key) belongs to a \(owner) key, but this one is \(word)")
            default: break
            }
        }
        switch word {
        case "next": return .next
        case "verifying": return .verifying(until: settings.date("until") ?? NumericDate(0))
        case "retired": return .retired(at: settings.date("at") ?? NumericDate(0))
        default: return .active
        }
    }
}

extension Configuration.Issuer {
    var title: String { issuer ?? "`own`" }

    fileprivate func isSame(as other: Self) -> Bool {
        switch (issuer, other.issuer) {
        case (nil, nil): true
        case (let left?, let right?): left.hasSameBytes(as: right)
        default: false
        }
    }
}
