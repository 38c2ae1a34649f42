public import VestibuleProtocol

/// A resource together with how it is read.
public struct ServedResource: Sendable {
    /// Reads it. An empty list means that it is not there. What it throws becomes a JSON-RPC error: a ``ToolError`` with
    /// its own line, anything else with a general one.
    public typealias Reader = @Sendable (_ context: RequestContext) async throws -> [ResourceContents]

    public var resource: Resource
    /// For how long and for whom what is read may be kept (2026-07-28). ``CacheHint/Scope/public`` only where it is the
    /// same whoever asks.
    public var cache: CacheHint
    public var read: Reader

    public init(_ resource: Resource, cache: CacheHint = .uncached, read: @escaping Reader) {
        self.resource = resource
        self.cache = cache
        self.read = read
    }
}

/// A family of resources together with how one of them is read.
public struct ServedResourceTemplate: Sendable {
    /// Reads one. `nil`, or an empty list, means that there is no such resource.
    ///
    /// The variables are decoded. None holds a path segment `..` where the template is one of `file:` URIs.
    public typealias Reader =
        @Sendable (_ uri: String, _ variables: [String: String], _ context: RequestContext) async throws ->
        [ResourceContents]?

    public var template: ResourceTemplate
    /// For how long and for whom what is read may be kept (2026-07-28). ``CacheHint/Scope/public`` only where it is the
    /// same whoever asks.
    public var cache: CacheHint
    public var read: Reader
    /// Suggestions for its variables, by their names.
    public var completions: [String: Completer]

    public init(
        _ template: ResourceTemplate, cache: CacheHint = .uncached, completions: [String: Completer] = [:],
        read: @escaping Reader
    ) {
        self.template = template
        self.cache = cache
        self.completions = completions
        self.read = read
    }
}

/// Suggests values for an argument of a prompt or a variable of a resource template.
///
/// - Parameters:
///   - value: what is typed so far.
///   - others: the other arguments as far as they are known.
public typealias Completer =
    @Sendable (_ value: String, _ others: [String: String], _ context: RequestContext) async throws -> Completion
