internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleWeb

extension Configuration {
    /// What is wrong, or worth a look, with the files and folders that the configuration names.
    func problemsWithFiles(now: NumericDate) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        for issuer in issuers {
            if case .published(let published) = issuer.keys, let keyFile = published.keyFile(of: issuer) {
                do throws(KeyError) {
                    _ = try keyFile.load(now: now)
                } catch {
                    problems.append(published.problem(error))
                }
            }
            guard case .secrets(let secrets) = issuer.keys else { continue }
            for secret in secrets {
                do throws(KeyError) {
                    let warnings = try secret.load(now: now).warnings
                    problems += warnings.map { .warning(secret.place, $0) }
                } catch {
                    problems.append(.error(secret.place, secret.problem(error)))
                }
            }
        }
        for introspection in issuers.compactMap(\.introspection) {
            do throws(KeyError) {
                _ = try ClientSecret(path: introspection.clientSecretFile)
            } catch {
                problems.append(introspection.problem(error))
            }
        }
        if let oidc = signIn.oidc {
            do throws(KeyError) { _ = try oidc.clientSecret() } catch { problems.append(oidc.problem(error)) }
        }
        if case .folder(let path) = buckets, !FilePath.isFolder(path) {
            problems.append(
                .error(bucketFolderPlace, "buckets.folder: \(path) is not a folder; create it, or name another"))
        }
        return problems
    }

    private var bucketFolderPlace: SettingPlace {
        let buckets = Settings(settings).section("buckets")
        return buckets.entry("folder")?.value.place ?? buckets.place
    }
}

extension Configuration.PublishedKeys {
    func keyFile(of issuer: Configuration.Issuer) -> PublishedKeyFile? {
        guard case .file(let path) = source else { return nil }
        return PublishedKeyFile(path: path, algorithms: issuer.algorithms)
    }

    /// Why the file cannot be loaded, and what to do about it.
    func problem(_ error: KeyError) -> ConfigurationProblem {
        let help = error.code == .missingFile ? "; put the issuer's key set there, or mend the path" : ""
        return .error(place, "jwksFile: \(error.message)\(help)")
    }
}

extension Configuration.Secret {
    var sharedFile: SharedSecretFile {
        SharedSecretFile(
            kid: keyID, path: file, algorithm: algorithm, state: state, allowShortSecret: allowsShortSecret)
    }

    func load(now: NumericDate) throws(KeyError) -> SharedSecretFile.Loaded {
        try sharedFile.load(createdAt: now)
    }

    /// Why the secret cannot be loaded, and what to do about it.
    func problem(_ error: KeyError) -> String {
        let help = error.code == .missingFile ? "; put the secret of \(keyID.quoted) there, or mend the path" : ""
        return error.message + help
    }
}
