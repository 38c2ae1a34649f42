/// The parameters of `initialize`, which opens a session in the legacy era (MCP 2025-11-25, Lifecycle).
public struct InitializeParams: Sendable, Hashable {
    /// The revision that the client asks for: its newest.
    public var protocolVersion: ProtocolVersion
    /// What the client can do, kept as it came.
    public var capabilities: JSONObject
    public var clientInfo: Implementation

    public init(protocolVersion: ProtocolVersion, capabilities: JSONObject = [:], clientInfo: Implementation) {
        self.protocolVersion = protocolVersion
        self.capabilities = capabilities
        self.clientInfo = clientInfo
    }

    /// Parameters from what is known of the capabilities, as the revision asked for writes them.
    public init(
        protocolVersion: ProtocolVersion, declaring capabilities: ClientCapabilities, clientInfo: Implementation
    ) {
        self.init(
            protocolVersion: protocolVersion, capabilities: capabilities.json(for: protocolVersion).object ?? [:],
            clientInfo: clientInfo)
    }

    /// What is understood of the capabilities.
    public var clientCapabilities: ClientCapabilities {
        ClientCapabilities(json: .object(capabilities)) ?? ClientCapabilities()
    }

    public var json: JSONValue {
        [
            "protocolVersion": .string(protocolVersion.rawValue), "capabilities": .object(capabilities),
            "clientInfo": clientInfo.json(for: protocolVersion),
        ]
    }

    /// Reads the parameters. Absent capabilities are none.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            protocolVersion: ProtocolVersion(rawValue: try reader.string("protocolVersion")),
            capabilities: try reader.optional("capabilities", "an object", \.object) ?? [:],
            clientInfo: try reader.required(
                "clientInfo", "an object with `name` and `version`", Implementation.init(json:)))
    }
}

/// The result of `initialize`.
public struct InitializeResult: Sendable, Hashable {
    /// The revision that the session speaks: the one asked for where the server knows it, else the server's newest.
    public var protocolVersion: ProtocolVersion
    public var capabilities: JSONObject
    public var serverInfo: Implementation
    /// How to use the server, for the model.
    public var instructions: String?

    public init(
        protocolVersion: ProtocolVersion, capabilities: JSONObject, serverInfo: Implementation,
        instructions: String? = nil
    ) {
        self.protocolVersion = protocolVersion
        self.capabilities = capabilities
        self.serverInfo = serverInfo
        self.instructions = instructions
    }

    /// A result from what the server offers, as the negotiated revision writes it.
    public init(
        protocolVersion: ProtocolVersion, offering capabilities: ServerCapabilities, serverInfo: Implementation,
        instructions: String? = nil
    ) {
        self.init(
            protocolVersion: protocolVersion, capabilities: capabilities.json(for: protocolVersion).object ?? [:],
            serverInfo: serverInfo, instructions: instructions)
    }

    /// What is understood of the capabilities.
    public var serverCapabilities: ServerCapabilities {
        ServerCapabilities(json: .object(capabilities)) ?? ServerCapabilities()
    }

    public var json: JSONValue {
        var object: JSONObject = [
            "protocolVersion": .string(protocolVersion.rawValue), "capabilities": .object(capabilities),
            "serverInfo": serverInfo.json(for: protocolVersion),
        ]
        object["instructions"] = instructions.map(JSONValue.string)
        return .object(object)
    }

    /// Reads the result. Absent capabilities are none.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of initialize")
        self.init(
            protocolVersion: ProtocolVersion(rawValue: try reader.string("protocolVersion")),
            capabilities: try reader.optional("capabilities", "an object", \.object) ?? [:],
            serverInfo: try reader.required(
                "serverInfo", "an object with `name` and `version`", Implementation.init(json:)),
            instructions: try reader.optionalString("instructions"))
    }
}

extension ProtocolVersion {
    /// The revision that a legacy server answers a client with: the one asked for where it is known, else the newest.
    public static func negotiated(with asked: ProtocolVersion) -> ProtocolVersion {
        asked.isLegacy ? asked : latestLegacy
    }
}
