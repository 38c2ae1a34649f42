internal import VestibuleProtocol

/// The params of `initialize`.
struct InitializeRequest: Sendable {
    /// Bytes of `params` that are read. They come from anybody, and hold a name, a version and some capabilities.
    static let maximumSize = 64 << 10

    let requestedVersion: ProtocolVersion
    let clientName: String?

    /// - Throws: the error to answer with.
    init(_ body: [UInt8], _ envelope: Envelope) throws(RPCError) {
        guard let params = Self.params(of: body, envelope) else {
            throw RPCError(.invalidParams, "initialize needs params, an object of at most \(Self.maximumSize) bytes")
        }
        guard let version = params["protocolVersion"]?.string else {
            throw RPCError(.invalidParams, "initialize needs params.protocolVersion, a string")
        }
        self.requestedVersion = ProtocolVersion(rawValue: version)
        self.clientName = params["clientInfo"]?["name"]?.string?.cut(toBytes: 256)
    }

    /// The version that both speak, or our latest where the client's is not known (MCP 2025-11-25, lifecycle).
    var negotiatedVersion: ProtocolVersion {
        requestedVersion.isLegacy ? requestedVersion : .latestLegacy
    }

    static func clientName(in body: [UInt8], _ envelope: Envelope) -> String? {
        params(of: body, envelope)?["clientInfo"]?["name"]?.string?.cut(toBytes: 256)
    }

    private static func params(of body: [UInt8], _ envelope: Envelope) -> JSONObject? {
        guard let range = envelope.params else { return nil }
        let limits = JSONLimits(maximumSize: maximumSize, maximumDepth: 32)
        return (try? JSONParser(limits: limits).parse(body[range]))?.object
    }
}
