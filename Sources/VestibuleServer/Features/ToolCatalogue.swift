internal import VestibuleAuth
internal import VestibuleProtocol

/// The tools of an endpoint, in the order in which they were given.
struct ToolCatalogue: Sendable {
    struct Entry: Sendable {
        let served: ServedTool
        /// The tool as `tools/list` shows it, written once.
        let json: [UInt8]
    }

    let entries: [Entry]
    private let places: [ByteKey: Int]

    /// Of tools with the same name, the first counts.
    init(_ tools: [ServedTool]) {
        var entries: [Entry] = []
        var places: [ByteKey: Int] = [:]
        for served in tools where places[ByteKey(served.tool.name)] == nil {
            places[ByteKey(served.tool.name)] = entries.count
            entries.append(Entry(served: served, json: served.tool.json.serialized))
        }
        self.entries = entries
        self.places = places
    }

    subscript(name: String) -> ServedTool? {
        places[ByteKey(name)].map { entries[$0].served }
    }

    /// One page of what is shown, or `nil` for a cursor that this catalogue did not give out.
    ///
    /// The cursor names the tool that the page before ended with, so a page is right whoever asks for it.
    func page(after cursor: String?, size: Int, isShown: (String) -> Bool) -> (tools: [[UInt8]], next: String?)? {
        var start = 0
        if let cursor {
            guard let bytes = Base64URL.decode(cursor), let name = String(validating: bytes, as: UTF8.self),
                let place = places[ByteKey(name)]
            else { return nil }
            start = place + 1
        }
        var tools: [[UInt8]] = []
        var last: String?
        for entry in entries[start...] where isShown(entry.served.tool.name) {
            if tools.count == max(1, size) { return (tools, last.map { Base64URL.encode(Array($0.utf8)) }) }
            tools.append(entry.json)
            last = entry.served.tool.name
        }
        return (tools, nil)
    }
}
