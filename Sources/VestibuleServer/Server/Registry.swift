internal import VestibuleProtocol

/// Things that are registered together, as far as they can be offered; of two with one key the first.
struct Registry {
    private(set) var tools = Catalogue<OfferedTool>()
    private(set) var resources = Catalogue<ServedResource>()
    private(set) var templates = Catalogue<OfferedTemplate>()
    private(set) var prompts = Catalogue<ServedPrompt>()
    /// Why the others cannot.
    private(set) var problems: [ByteKey: String] = [:]

    init(
        tools: [ServedTool] = [], resources: [ServedResource] = [], templates: [ServedResourceTemplate] = [],
        prompts: [ServedPrompt] = []
    ) {
        for tool in tools where !self.tools.contains(tool.tool.name) {
            let name = tool.tool.name
            do throws(RegistrationProblem) {
                let offered = try OfferedTool(tool)
                self.tools.set(name, offered, json: VersionedBytes(offered.served.tool))
            } catch {
                problems[ByteKey("tool \(name)")] = "tool \(name.onShownLine) is not offered: \(error)"
            }
        }
        for resource in resources where !self.resources.contains(resource.resource.uri) {
            let uri = resource.resource.uri
            if ResourceURI.isAbsolute(uri), !ResourceURI.climbs(uri) {
                self.resources.set(uri, resource, json: VersionedBytes(resource.resource))
            } else {
                problems[ByteKey("resource \(uri)")] =
                    "resource \(uri.onShownLine) is not offered: its URI has to be absolute, without a way up"
            }
        }
        for template in templates where !self.templates.contains(template.template.uriTemplate) {
            let text = template.template.uriTemplate
            do throws(RegistrationProblem) {
                self.templates.set(text, try OfferedTemplate(template), json: VersionedBytes(template.template))
            } catch {
                problems[ByteKey("template \(text)")] =
                    "resource template \(text.onShownLine) is not offered: \(error)"
            }
        }
        for prompt in prompts where !self.prompts.contains(prompt.prompt.name) {
            self.prompts.set(prompt.prompt.name, prompt, json: VersionedBytes(prompt.prompt))
        }
    }

    func offer(_ features: MCPServerConfiguration.Features) -> ServerOffer {
        ServerOffer(tools: tools, resources: resources, templates: templates, prompts: prompts, features: features)
    }
}
