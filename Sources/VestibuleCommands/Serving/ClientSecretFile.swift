internal import VestibuleAuth
internal import VestibuleWeb

extension Configuration {
    /// The secret of the client that is registered at the identity provider: the file's bytes, without the newline that
    /// an editor leaves at its end.
    ///
    /// - Throws: ``ConfigurationError`` with the line that names the file.
    func clientSecret(of oidc: OIDC) throws(ConfigurationError) -> ClientSecret? {
        guard let path = oidc.clientSecretFile else { return nil }
        do throws(KeyError) {
            let bytes = try SharedSecretFile.bytes(path: path)
            let end = bytes.lastIndex { $0 != 0x0A && $0 != 0x0D }.map { $0 + 1 } ?? 0
            guard end > 0, let text = String(validating: bytes[..<end], as: UTF8.self) else {
                throw KeyError(.corrupted, "\(path) is empty or no text; put the secret of the provider in it")
            }
            return ClientSecret(text)
        } catch {
            throw ConfigurationError(
                file: file ?? "the configuration",
                problems: [.error(oidc.place, "signIn.oidc.clientSecretFile: \(error.message)")])
        }
    }
}
