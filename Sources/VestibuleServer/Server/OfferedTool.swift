internal import VestibuleProtocol

/// A tool with what is made of its schemas when it is registered.
struct OfferedTool: Sendable {
    let served: ServedTool
}

extension Catalogue<OfferedTool> {
    mutating func set(_ tool: ServedTool) {
        set(tool.tool.name, OfferedTool(served: tool), json: VersionedBytes(tool.tool))
    }
}

/// A resource template with what is made of it when it is registered.
struct OfferedTemplate: Sendable {
    let served: ServedResourceTemplate

    /// The template's variables as they stand in the URI; `nil` where it is none of this family.
    func variables(in uri: String) -> [String: String]? { nil }
}

extension Catalogue<OfferedTemplate> {
    mutating func set(_ template: ServedResourceTemplate) {
        set(
            template.template.uriTemplate, OfferedTemplate(served: template), json: VersionedBytes(template.template))
    }
}

extension Catalogue<ServedResource> {
    mutating func set(_ resource: ServedResource) {
        set(resource.resource.uri, resource, json: VersionedBytes(resource.resource))
    }
}

extension Catalogue<ServedPrompt> {
    mutating func set(_ prompt: ServedPrompt) {
        set(prompt.prompt.name, prompt, json: VersionedBytes(prompt.prompt))
    }
}
