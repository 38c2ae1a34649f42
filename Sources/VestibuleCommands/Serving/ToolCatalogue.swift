internal import VestibuleProtocol

/// The tools that there are, wherever the buckets lie: what the rules of a configuration are checked against.
enum ToolCatalogue {
    static var all: [Tool] { [] }
}
