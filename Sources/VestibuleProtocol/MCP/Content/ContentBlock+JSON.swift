extension ContentBlock: VersionedJSON {
    /// The block as a revision writes it. A kind that it does not know is written as text, so that the model loses nothing
    /// that it could have read.
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject
        switch kind {
        case .text(let text):
            object = ["type": "text", "text": .string(text)]
        case .image(let data, let mimeType):
            object = ["type": "image", "data": .string(data), "mimeType": .string(mimeType)]
        case .audio(let data, let mimeType):
            object = ["type": "audio", "data": .string(data), "mimeType": .string(mimeType)]
        case .resource(let contents):
            object = ["type": "resource", "resource": contents.json(for: version)]
        case .resourceLink(let resource):
            guard version.isSince(.v2025_06_18) else {
                let name = resource.title ?? resource.name
                return Self.text("\(name): \(resource.uri)", annotations: annotations).json(for: version)
            }
            object = ["type": "resource_link"]
            // A link's own annotations and `_meta` are members of the resource that it names.
            var resource = resource
            resource.annotations = annotations ?? resource.annotations
            resource.meta = meta ?? resource.meta
            for member in resource.json(for: version).object?.members ?? [] { object.append(member.name, member.value) }
            return .object(object)
        case .toolUse(let use):
            guard version.isSince(.v2025_11_25) else { return Self.text(use.json.description).json(for: version) }
            return use.json(meta: meta)
        case .toolResult(let result):
            guard version.isSince(.v2025_11_25) else {
                return Self.text(result.json(for: version).description).json(for: version)
            }
            return result.json(for: version, meta: meta)
        case .other(let value):
            return value
        }
        object.add("annotations", annotations?.json(for: version))
        object.add(meta: meta, if: version.isSince(.v2025_06_18))
        return .object(object)
    }

    /// Reads a block. What is not understood is kept as it came.
    public init(json: JSONValue) {
        self.init(
            Self.kind(of: json) ?? .other(json), annotations: json["annotations"].flatMap(Annotations.init),
            meta: json["_meta"]?.object)
        switch kind {
        case .other, .resourceLink: (annotations, meta) = (nil, nil)
        default: break
        }
    }

    private static func kind(of json: JSONValue) -> Kind? {
        let mimeType = json["mimeType"]?.string ?? "application/octet-stream"
        switch json["type"]?.string {
        case "text": return json["text"]?.string.map(Kind.text)
        case "image": return json["data"]?.string.map { .image(data: $0, mimeType: mimeType) }
        case "audio": return json["data"]?.string.map { .audio(data: $0, mimeType: mimeType) }
        case "resource": return json["resource"].flatMap(ResourceContents.init).map(Kind.resource)
        case "resource_link": return Resource(json: json).map(Kind.resourceLink)
        case "tool_use": return ToolUse(json: json).map(Kind.toolUse)
        case "tool_result": return ToolUseResult(json: json).map(Kind.toolResult)
        default: return nil
        }
    }
}
