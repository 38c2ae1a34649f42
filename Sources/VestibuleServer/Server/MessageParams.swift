internal import VestibuleProtocol

extension Envelope {
    /// Bytes of `params` that are read as a whole. All but those of `tools/call` are small, and may come from anybody.
    static let maximumParamsSize = 64 << 10

    /// The params of a message, or `nil` where it has none.
    ///
    /// - Throws: `MalformedMessage` where they are too large or too deep.
    func parsedParams(in body: [UInt8]) throws(MalformedMessage) -> JSONValue? {
        guard let params else { return nil }
        do {
            let limits = JSONLimits(maximumSize: Self.maximumParamsSize, maximumDepth: 32)
            return try JSONParser(limits: limits).parse(body[params])
        } catch {
            throw MalformedMessage("`params` of \(method.cut(toBytes: 64)) are not accepted: \(error)")
        }
    }

    /// What `initialize` asks for.
    func initializeParams(in body: [UInt8]) throws(MalformedMessage) -> InitializeParams {
        try InitializeParams(json: try parsedParams(in: body))
    }
}
