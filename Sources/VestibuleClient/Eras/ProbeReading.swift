internal import VestibuleProtocol

/// The revisions that a client speaks, oldest first.
struct SpokenVersions: Sendable {
    var legacy: [ProtocolVersion]
    var modern: [ProtocolVersion]

    /// The newest that both sides speak, modern before legacy.
    func mutual(with offered: [ProtocolVersion]) -> EraVerdict? {
        if let version = modern.last(where: offered.contains) { return .modern(version) }
        return legacy.contains(where: offered.contains) ? .legacy : nil
    }

    var inWords: String { (legacy + modern).map(\.rawValue).joined(separator: ", ") }
}

/// What the answer to `server/discover` says of the server's era. Pure, so that it is tested as a table.
enum ProbeReading: Sendable {
    /// It speaks the modern era, and told about itself.
    case modern(ProtocolVersion, DiscoverResult)
    /// It speaks the modern era, but finds fault with the probe.
    case modernButUnwilling(RPCError)
    /// It speaks the modern era in another revision: ask once more in that.
    case otherRevision(ProtocolVersion)
    case legacy
    /// There is nothing that both sides speak.
    case incompatible(offered: [ProtocolVersion])

    /// - Parameters:
    ///   - status: The HTTP status; `nil` where there is none (stdio).
    ///   - answer: The JSON-RPC answer, where there was one.
    init(status: Int?, answer: Result<JSONValue, RPCError>?, spoken: SpokenVersions) {
        switch answer {
        case .success(let json):
            // Whatever else a server answers to a method that it does not know, it is no description of a server.
            guard let result = try? DiscoverResult(json: json) else {
                self = .legacy
                return
            }
            switch spoken.mutual(with: result.supportedVersions) {
            case .modern(let version): self = .modern(version, result)
            case .legacy: self = .legacy
            case nil: self = .incompatible(offered: result.supportedVersions)
            }
        case .failure(let error) where error.code == .unsupportedProtocolVersion && error.offeredVersions != nil:
            let offered = error.offeredVersions ?? []
            switch spoken.mutual(with: offered) {
            case .modern(let version): self = .otherRevision(version)
            case .legacy: self = .legacy
            case nil: self = .incompatible(offered: offered)
            }
        case .failure(let error)
        where (status == 400 || status == nil)
            && [.headerMismatch, .missingRequiredClientCapability].contains(error.code):
            self = .modernButUnwilling(error)
        case .failure, nil:
            // Servers of the legacy era answer with any error, or with none.
            self = .legacy
        }
    }
}

extension RPCError {
    /// The versions that the server offers instead (`data.supported`).
    var offeredVersions: [ProtocolVersion]? {
        data?["supported"]?.array?.compactMap(\.string).map(ProtocolVersion.init(rawValue:))
    }

    /// Whether only a server of the modern era says so.
    var isModern: Bool {
        switch code {
        case .unsupportedProtocolVersion: offeredVersions != nil
        case .headerMismatch, .missingRequiredClientCapability: true
        default: false
        }
    }
}
