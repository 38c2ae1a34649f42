internal import VestibuleAuth
internal import VestibuleWeb

extension ConfigurationBuilder {
    mutating func introspection(_ issuer: Settings, path: String) -> Configuration.Introspection? {
        guard let entry = issuer.entry("introspection") else { return nil }
        let path = "\(path).introspection"
        guard issuer.text("name") != "own" else {
            report(entry.place, "\(path): `own` tokens are JWTs of the key ring in the data directory; nobody is asked")
            return nil
        }
        let settings = issuer.section("introspection")
        if let endpoint = settings.entry("endpoint"), let url = settings.text("endpoint").flatMap({ HTTPURL($0) }) {
            if url.scheme != "https", !url.isLoopback {
                report(
                    endpoint.value.place,
                    "\(path).endpoint: expected https://, because this server's secret and people's tokens are sent there"
                )
            }
        } else if settings.entry("endpoint") == nil, HTTPURL(issuer.text("issuer") ?? "") == nil {
            report(
                entry.place, "\(path).endpoint is missing; an `issuer` that is no URL publishes nothing that names it")
        }
        guard let clientID = settings.text("clientID"), let file = settings.text("clientSecretFile") else { return nil }
        return Configuration.Introspection(
            endpoint: settings.text("endpoint"), clientID: clientID,
            clientSecretFile: FilePath.resolve(file, against: folder),
            authentication: settings.choice("authentication") ?? .basic, cache: settings.duration("cache") ?? .zero,
            scope: settings.choice("tokens") ?? .opaque,
            acceptsMissingAudience: settings.boolean("acceptsMissingAudience"),
            allowsPrivateNetwork: issuer.boolean("allowPrivateNetwork"),
            place: settings.entry("clientSecretFile")?.value.place ?? settings.place)
    }

    /// Of an opaque token nobody knows whose it is.
    mutating func refuseSecondIntrospection(
        _ issuer: Configuration.Issuer, after others: [Configuration.Issuer], _ settings: Settings, path: String
    ) {
        guard issuer.introspection != nil, let other = others.first(where: { $0.introspection != nil }) else { return }
        report(
            settings.entry("introspection")?.place ?? settings.place,
            "\(path).introspection: \(other.title) has it already, and a token that is no JWT does not say whose it is; "
                + "keep one of the two")
    }
}
