package import HTTPTypes
internal import VestibuleProtocol

extension HTTPField.Name {
    static let mcpSessionID = known(MCPHeader.sessionID)
    static let mcpProtocolVersion = known(MCPHeader.protocolVersion)
    static let mcpMethod = known(MCPHeader.method)
    static let mcpName = known(MCPHeader.name)
    static let vestibuleToken = known(MCPHeader.vestibuleToken)
    static let lastEventID = known(MCPHeader.lastEventID)
    package static let xAccelBuffering = known("X-Accel-Buffering")
    package static let vestibuleRequestID = known(MCPHeader.requestID)

    /// For names that stand in this package's source, and are therefore field names.
    package static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a field name") }
        return name
    }
}

extension HTTPFields {
    /// The first value of that field without the white space around it (RFC 9110 §5.5).
    package func first(_ name: HTTPField.Name) -> String? {
        guard let value = self[values: name].first else { return nil }
        return value.trimmingOptionalWhitespace
    }
}

extension String {
    /// At most 128 bytes without control characters, for words of another party that a person is to read. What is so
    /// already, as nearly everything is, costs no copy.
    var onShownLine: String {
        let isPlain = utf8.count <= 128 && utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        return isPlain ? self : onOneLine(limit: 128).cut(toBytes: 128)
    }
}
