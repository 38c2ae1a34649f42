internal import Synchronization
internal import VestibuleProtocol

/// A tool of a server that cannot be called over HTTP, and why.
public struct DroppedTool: Sendable, Hashable {
    public var name: String
    /// What is wrong with its schema, in one line.
    public var problem: String
}

/// What calls must know of the tools that a server listed.
final class ToolCatalogue: Sendable {
    private struct State {
        var mirrors: [ByteKey: ParameterHeaders] = [:]
        var outputSchemas: [ByteKey: JSONSchema] = [:]
        var dropped: [DroppedTool] = []
    }

    private let state = Mutex(State())

    /// Takes in a page of the list, and leaves out what cannot be called.
    ///
    /// - Parameters:
    ///   - isFirst: Whether the list begins here, and what was known before is void.
    ///   - mirrors: Whether arguments are mirrored in header fields: in the modern era, over HTTP.
    ///   - maximumCount: Of how many tools anything is remembered.
    func take(_ tools: [Tool], isFirst: Bool, mirrors isMirrored: Bool, maximumCount: Int) -> [Tool] {
        var new = isFirst ? State() : state.withLock { $0 }
        var kept: [Tool] = []
        for tool in tools {
            let key = ByteKey(tool.name)
            if isMirrored {
                do {
                    let headers = try ParameterHeaders(inputSchema: tool.inputSchema)
                    if !headers.isEmpty, new.mirrors.count < maximumCount { new.mirrors[key] = headers }
                } catch {
                    if new.dropped.count < maximumCount {
                        new.dropped.append(DroppedTool(name: tool.name, problem: "\(error)"))
                    }
                    continue
                }
            }
            // A schema in a dialect that is not known, or one that refers to the network, judges nothing.
            if let schema = tool.outputSchema, new.outputSchemas.count < maximumCount {
                new.outputSchemas[key] = try? JSONSchema(compiling: .object(schema))
            }
            kept.append(tool)
        }
        state.withLock { $0 = new }
        return kept
    }

    func mirrors(of tool: String) -> ParameterHeaders? { state.withLock { $0.mirrors[ByteKey(tool)] } }
    func outputSchema(of tool: String) -> JSONSchema? { state.withLock { $0.outputSchemas[ByteKey(tool)] } }
    var dropped: [DroppedTool] { state.withLock { $0.dropped } }
}
