internal import VestibuleProtocol

/// All that a server offers at one moment. A change makes a new one, so a request sees one and the same to its end.
final class ServerOffer: Sendable {
    let tools: Catalogue<OfferedTool>
    let resources: Catalogue<ServedResource>
    let templates: Catalogue<OfferedTemplate>
    let prompts: Catalogue<ServedPrompt>
    /// What there is now, was once, or is offered anyhow.
    let features: MCPServerConfiguration.Features
    let extensions: [any ServerExtension]

    init(
        tools: Catalogue<OfferedTool> = Catalogue(), resources: Catalogue<ServedResource> = Catalogue(),
        templates: Catalogue<OfferedTemplate> = Catalogue(), prompts: Catalogue<ServedPrompt> = Catalogue(),
        features: MCPServerConfiguration.Features, extensions: [any ServerExtension] = []
    ) {
        self.extensions = extensions
        self.tools = tools
        self.resources = resources
        self.templates = templates
        self.prompts = prompts
        var features = features
        if !tools.isEmpty { features.insert(.tools) }
        if !resources.isEmpty || !templates.isEmpty { features.insert(.resources) }
        if !prompts.isEmpty { features.insert(.prompts) }
        let completes =
            prompts.entries.contains { !$0.item.completions.isEmpty }
            || templates.entries.contains { !$0.item.served.completions.isEmpty }
        if completes { features.insert(.completions) }
        self.features = features
    }

    func with(
        tools: Catalogue<OfferedTool>? = nil, resources: Catalogue<ServedResource>? = nil,
        templates: Catalogue<OfferedTemplate>? = nil, prompts: Catalogue<ServedPrompt>? = nil,
        extensions: [any ServerExtension]? = nil
    ) -> ServerOffer {
        ServerOffer(
            tools: tools ?? self.tools, resources: resources ?? self.resources,
            templates: templates ?? self.templates, prompts: prompts ?? self.prompts, features: features,
            extensions: extensions ?? self.extensions)
    }
}
