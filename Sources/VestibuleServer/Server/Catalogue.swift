internal import VestibuleProtocol

/// What a server offers of one kind, in the order in which it was registered, each as lists show it.
struct Catalogue<Item: Sendable>: Sendable {
    struct Entry: Sendable {
        let key: String
        let item: Item
        /// As lists show it, written once for each revision.
        let json: VersionedBytes
    }

    private(set) var entries: [Entry] = []
    private var places: [ByteKey: Int] = [:]

    var isEmpty: Bool { entries.isEmpty }

    subscript(key: String) -> Item? {
        places[ByteKey(key)].map { entries[$0].item }
    }

    func contains(_ key: String) -> Bool { places[ByteKey(key)] != nil }

    /// Puts an item in; one of the same key is replaced where it stands.
    mutating func set(_ key: String, _ item: Item, json: VersionedBytes) {
        let entry = Entry(key: key, item: item, json: json)
        if let place = places[ByteKey(key)] {
            entries[place] = entry
        } else {
            places[ByteKey(key)] = entries.count
            entries.append(entry)
        }
    }

    mutating func merge(_ other: Catalogue) {
        for entry in other.entries { set(entry.key, entry.item, json: entry.json) }
    }

    /// - Returns: Whether there was one.
    mutating func remove(_ key: String) -> Bool {
        guard let place = places.removeValue(forKey: ByteKey(key)) else { return false }
        entries.remove(at: place)
        for index in place..<entries.count { places[ByteKey(entries[index].key)] = index }
        return true
    }

    /// One page of what is shown, or `nil` for a cursor that this catalogue did not give out.
    ///
    /// The cursor names the entry that the page before ended with, so a page is right whoever asks for it.
    func page(
        after cursor: String?, size: Int, for version: ProtocolVersion, isShown: ((String) -> Bool)? = nil
    ) -> (entries: [[UInt8]], next: String?)? {
        var start = 0
        if let cursor {
            guard let bytes = Base64URL.decode(cursor), let key = String(validating: bytes, as: UTF8.self),
                let place = places[ByteKey(key)]
            else { return nil }
            start = place + 1
        }
        var page: [[UInt8]] = []
        var last: String?
        for entry in entries[start...] where isShown?(entry.key) ?? true {
            if page.count == max(1, size) { return (page, last.map { Base64URL.encode(Array($0.utf8)) }) }
            page.append(entry.json.bytes(for: version))
            last = entry.key
        }
        return (page, nil)
    }
}

/// One value as each revision writes it. Revisions that write the same share the bytes.
struct VersionedBytes: Sendable {
    private let latest: [UInt8]
    /// For the revisions that write it differently.
    private let others: [(version: ProtocolVersion, bytes: [UInt8])]

    init(_ value: some VersionedJSON) {
        let latest = value.json(for: .latest).serialized
        self.latest = latest
        self.others = ProtocolVersion.supported.dropLast()
            .compactMap { version in
                let bytes = value.json(for: version).serialized
                return bytes == latest ? nil : (version, bytes)
            }
    }

    func bytes(for version: ProtocolVersion) -> [UInt8] {
        others.first { $0.version == version }?.bytes ?? latest
    }
}
