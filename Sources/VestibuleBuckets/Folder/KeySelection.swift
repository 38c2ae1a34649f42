/// The first so many keys and common prefixes behind a point, out of keys that come in any order.
struct KeySelection {
    struct Entry {
        var bytes: [UInt8]
        var isCommonPrefix: Bool
    }

    /// In the order of their bytes; one more than the page holds tells that there is another page.
    private(set) var entries: [Entry] = []
    private let prefix: [UInt8]
    private let delimiter: [UInt8]
    private let after: [UInt8]?
    private let limit: Int

    init(_ query: ObjectQuery, after: [UInt8]?) {
        prefix = Array(query.prefix.utf8)
        delimiter = Array(query.delimiter.utf8)
        limit = min(max(query.maximumKeys, 1), 1000) + 1
        self.after = after
    }

    /// Whether some key that starts with these bytes could still change the selection.
    func canUse(keysStartingWith base: [UInt8]) -> Bool {
        guard base.starts(with: prefix) || prefix.starts(with: base) else { return false }
        if let rolled = rolled(base) { return isWanted(rolled) && position(of: rolled).isNew }
        if let after, !after.starts(with: base), base.lexicographicallyPrecedes(after) { return false }
        if entries.count == limit, let last = entries.last, !base.lexicographicallyPrecedes(last.bytes) {
            return false
        }
        return true
    }

    mutating func offer(_ key: [UInt8]) {
        guard key.starts(with: prefix) else { return }
        let rolled = rolled(key)
        let bytes = rolled ?? key
        guard isWanted(bytes) else { return }
        let (index, isNew) = position(of: bytes)
        guard isNew else { return }
        entries.insert(Entry(bytes: bytes, isCommonPrefix: rolled != nil), at: index)
        if entries.count > limit { entries.removeLast() }
    }

    private func isWanted(_ bytes: [UInt8]) -> Bool {
        if let after, !after.lexicographicallyPrecedes(bytes) { return false }
        if entries.count == limit, let last = entries.last, last.bytes.lexicographicallyPrecedes(bytes) {
            return false
        }
        return true
    }

    private func position(of bytes: [UInt8]) -> (index: Int, isNew: Bool) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].bytes.lexicographicallyPrecedes(bytes) { low = middle + 1 } else { high = middle }
        }
        return (low, low == entries.count || entries[low].bytes != bytes)
    }

    /// The common prefix into which keys with this start are rolled, if it holds the delimiter behind the prefix.
    private func rolled(_ key: [UInt8]) -> [UInt8]? {
        guard !delimiter.isEmpty, key.starts(with: prefix), key.count >= prefix.count + delimiter.count else {
            return nil
        }
        for start in prefix.count...(key.count - delimiter.count)
        where key[start..<(start + delimiter.count)].elementsEqual(delimiter) {
            return Array(key[..<(start + delimiter.count)])
        }
        return nil
    }
}
