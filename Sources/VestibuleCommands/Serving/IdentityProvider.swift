internal import VestibuleAuth
internal import VestibuleWeb

extension Configuration.OIDC {
    /// The secret of the client that is registered at the provider: the file's bytes, without the newline that an editor
    /// leaves at its end.
    ///
    /// - Returns: `nil` for a public client.
    /// - Throws: ``KeyError``: the file is missing, can be reached by others than its owner, or holds no text.
    func clientSecret() throws(KeyError) -> ClientSecret? {
        guard let path = clientSecretFile else { return nil }
        return try ClientSecret(path: path)
    }

    /// What is wrong with the secret's file, with the line that names it.
    func problem(_ error: KeyError) -> ConfigurationProblem {
        let help = error.code == .missingFile ? "; put the client's secret there, or mend the path" : ""
        return .error(place, "signIn.oidc.clientSecretFile: \(error.message)\(help)")
    }
}

extension ClientSecret {
    /// - Throws: ``KeyError``: the file is missing, can be reached by others than its owner, or holds no text.
    init(path: String) throws(KeyError) {
        let bytes = try SharedSecretFile.bytes(path: path)
        let end = bytes.lastIndex { $0 != 0x0A && $0 != 0x0D }.map { $0 + 1 } ?? 0
        guard end > 0, let text = String(validating: bytes[..<end], as: UTF8.self) else {
            throw KeyError(.corrupted, "\(path) is empty or no text; put the secret in it that the provider gave out")
        }
        self.init(text)
    }
}

extension Configuration {
    /// How people sign in by the provider of the configuration, if it names one.
    ///
    /// - Throws: ``ConfigurationError`` where the client's secret cannot be read.
    func identityProvider() throws(ConfigurationError) -> OIDCConfiguration? {
        guard let oidc = signIn.oidc else { return nil }
        let secret: ClientSecret?
        do throws(KeyError) {
            secret = try oidc.clientSecret()
        } catch {
            throw ConfigurationError(file: file ?? "the configuration", problems: [oidc.problem(error)])
        }
        return OIDCConfiguration(
            issuer: oidc.issuer, clientID: oidc.clientID, clientSecret: secret,
            clientAuthentication: oidc.clientAuthentication, scope: oidc.scopes,
            asksForUserInfo: oidc.userInfo, grants: signIn.grants)
    }
}
