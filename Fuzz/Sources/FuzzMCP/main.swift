// Messages of MCP from somebody else: whatever can be read is written for every revision, and what is written for all
// of them is read back as the same.

import FuzzSupport
import VestibuleProtocol

fuzz { input in
    guard let json = try? JSONParser().parse(input) else { return }
    hold(Tool.init(json:), to: json)
    hold(ToolResult.init(json:), to: json)
    hold(Resource.init(json:), to: json)
    hold(ResourceTemplate.init(json:), to: json)
    hold(ResourceContents.init(json:), to: json)
    hold(Prompt.init(json:), to: json)
    hold(Root.init(json:), to: json)
    hold({ ContentBlock(json: $0) }, to: json)
    hold({ try? CreateMessageParams(json: $0) }, to: json)
    hold({ try? CreateMessageResult(json: $0) }, to: json)
    hold({ try? ElicitationParams(json: $0) }, to: json)
    hold({ try? GetPromptResult(json: $0) }, to: json)
    _ = ClientCapabilities(json: json)
    _ = ServerCapabilities(json: json)
    _ = try? ElicitationResult(json: json)
    _ = try? DiscoverResult(json: json)
    _ = try? InputRequiredResult(json: json)
    _ = try? SubscriptionParams(json: json)
    _ = try? InitializeResult(json: json)
    _ = try? CompleteParams(json: json)
    _ = try? LoggingMessageParams(json: json)
}

func hold<Value: VersionedJSON & Equatable>(_ read: (JSONValue) -> Value?, to json: JSONValue) {
    guard let value = read(json) else { return }
    for version in ProtocolVersion.legacy + ProtocolVersion.modern { _ = value.json(for: version).serialized }
    demand(read(value.json) == value, "\(Value.self) is read back as another one")
}
