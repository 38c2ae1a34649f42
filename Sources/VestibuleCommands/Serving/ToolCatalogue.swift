internal import VestibuleAuth
internal import VestibuleBuckets
internal import VestibuleProtocol
internal import VestibuleServer

/// The tools of a server, and the rules that come with them.
enum ToolCatalogue {
    /// The tools that there are, wherever the buckets lie: what the rules of a configuration are checked against.
    static var all: [Tool] {
        tools(on: FolderBucketStore(root: "/"), visibility: .claimed, clock: SystemClock()).map(\.tool)
    }

    static func tools(
        on store: any BucketStore, visibility: BucketTools.Visibility, clock: any WallClock
    ) -> [ServedTool] {
        BucketTools.all(on: store, visibility: visibility) + BuiltInTools.all(clock: clock)
    }

    /// What holds where the configuration names no rules of its own.
    static let defaultRules = BucketTools.defaultRules + BuiltInTools.rules
}
