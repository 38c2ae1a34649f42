internal import HTTPTypes
internal import VestibuleProtocol

/// One field of a request that may come once.
enum SingleField: Sendable, Hashable {
    case absent
    /// Without the white space around it.
    case value(String)
    /// It came more than once: whatever stands before this server may have read the other one.
    case repeated

    init(_ name: HTTPField.Name, of fields: HTTPFields) {
        let values = fields[values: name]
        switch values.count {
        case 0: self = .absent
        case 1: self = .value(values[0].trimmingOptionalWhitespace)
        default: self = .repeated
        }
    }
}

/// Which rules a message follows. Decided by its own words and its headers alone, never by what came before on the same
/// connection (MCP 2026-07-28, Versioning).
enum EraVerdict: Sendable, Hashable {
    /// 2025-03-26 to 2025-11-25: sessions that `initialize` opens.
    case legacy
    /// 2026-07-28: every request for itself.
    case modern(ProtocolVersion)
    /// A notification of the modern era that names no version: taken, and passed over.
    case passedOver
    /// Not a message of either.
    case malformed(RPCError, status: Int = 400)
}

/// Tells the eras apart.
///
/// By what a message says of itself: one that names its version in `params._meta` is modern whatever else it is, and is
/// held to what the era asks; one that names none, in its headers neither, is legacy.
enum EraClassifier {
    /// - Parameter header: `MCP-Protocol-Version`.
    static func verdict(of envelope: Envelope, header: SingleField) -> EraVerdict {
        if let claim = envelope.claimedVersion { return verdict(of: envelope, claiming: claim, header: header) }
        switch header {
        case .absent: return .legacy
        case .repeated: return .malformed(mismatch("\(MCPHeader.protocolVersion) came more than once; send it once"))
        case .value(let named):
            let version = ProtocolVersion(rawValue: named)
            if envelope.method == MCPMethod.initialize {
                guard version.isModern else { return .legacy }
                return .malformed(
                    mismatch("\(MCPHeader.protocolVersion) \(named.shown) names a revision without initialize"))
            }
            if version.isLegacy { return .legacy }
            guard version.isModern else { return .malformed(unsupported(named)) }
            return verdict(of: envelope, withoutClaimBut: version)
        }
    }

    private static func verdict(
        of envelope: Envelope, claiming claim: String, header: SingleField
    ) -> EraVerdict {
        let version = ProtocolVersion(rawValue: claim)
        guard case .request = envelope.kind else {
            // What headers a notification needs is not said; there is none that means anything here.
            return .modern(version)
        }
        if let problem = problemOfMeta(envelope) { return .malformed(problem) }
        switch header {
        case .absent:
            return .malformed(
                mismatch("\(MCPHeader.protocolVersion) is missing; it has to be \(claim.shown), as in params._meta"))
        case .repeated: return .malformed(mismatch("\(MCPHeader.protocolVersion) came more than once; send it once"))
        case .value(let named):
            guard named.hasSameBytes(as: claim) else {
                return .malformed(
                    mismatch(
                        "\(MCPHeader.protocolVersion) is \(named.shown), and params._meta says \(claim.shown)"))
            }
        }
        guard ProtocolVersion.modern.contains(version) else { return .malformed(unsupported(claim)) }
        return .modern(version)
    }

    /// The header says modern, the body does not: a modern message without what makes it one.
    private static func verdict(of envelope: Envelope, withoutClaimBut version: ProtocolVersion) -> EraVerdict {
        switch envelope.kind {
        case .notification: return .passedOver
        case .response:
            return .malformed(
                RPCError(
                    .invalidRequest,
                    "clients send no responses in \(version.rawValue.shown); answers travel in "
                        + "params.inputResponses"))
        case .request:
            guard ProtocolVersion.modern.contains(version) else { return .malformed(unsupported(version.rawValue)) }
            return .malformed(
                RPCError(.invalidParams, "params._meta is missing \(MetaKey.protocolVersion), which names the revision")
            )
        }
    }

    /// What every modern request has to say in its `_meta`; the scan has seen that it is of the right kind.
    private static func problemOfMeta(_ envelope: Envelope) -> RPCError? {
        guard envelope.clientCapabilities != nil else {
            return RPCError(
                .invalidParams, "params._meta is missing \(MetaKey.clientCapabilities), an object ({} for none)")
        }
        if let level = envelope.logLevel, LogLevel(rawValue: level) == nil {
            let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            return RPCError(.invalidParams, "\(MetaKey.logLevel) in params._meta is none of \(levels)")
        }
        return nil
    }

    static func mismatch(_ message: String) -> RPCError { RPCError(.headerMismatch, message) }

    /// Only the revisions that a message can name for itself: those of the legacy era are agreed on by `initialize`.
    static func unsupported(_ named: String) -> RPCError {
        let supported = ProtocolVersion.modern.map(\.rawValue)
        let legacy = ProtocolVersion.legacy.map(\.rawValue).joined(separator: ", ")
        return RPCError(
            .unsupportedProtocolVersion,
            "MCP \(named.shown) is not spoken here, but \(supported.joined(separator: ", ")), and \(legacy) in sessions "
                + "that initialize opens",
            data: ["supported": .strings(supported), "requested": .string(named.cut(toBytes: 32))])
    }
}

extension String {
    /// Words of the other party, short enough for a line.
    fileprivate var shown: String { onShownLine.cut(toBytes: 32) }
}
