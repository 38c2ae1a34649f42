internal import VestibuleProtocol

extension Folder {
    /// How many directory entries one listing looks at.
    static let maximumEntries = 200_000

    func objects(in bucket: String, _ query: ObjectQuery) throws -> ObjectPage {
        let directory = try openBucket(bucket)
        let token = try query.continuationToken
            .map { text throws(BucketStoreError) in
                guard let token = ContinuationToken(text, query) else { throw BucketStoreError.badToken(in: bucket) }
                return token
            }
        var selection = KeySelection(query, after: token?.last)
        try walk(directory, bucket: bucket, into: &selection)

        var page = ObjectPage(objects: [])
        for entry in selection.entries.prefix(query.maximumKeys) {
            guard let text = String(validating: entry.bytes, as: UTF8.self) else { continue }
            if entry.isCommonPrefix {
                page.commonPrefixes.append(text)
            } else if let info = try? info(of: text, in: bucket, version: nil) {
                // An object that went away in between is no longer one of the bucket's.
                page.objects.append(info.summary)
            }
        }
        if selection.entries.count > query.maximumKeys {
            page.continuationToken =
                ContinuationToken(last: selection.entries[query.maximumKeys - 1].bytes).text(for: query)
        }
        return page
    }

    /// Offers every key below the bucket to the selection, leaving out whole directories that cannot hold one for it.
    private func walk(
        _ bucket: borrowing Descriptor, bucket name: String, into selection: inout KeySelection
    ) throws {
        var waiting: [(names: [String], base: [UInt8])] = [([], [])]
        var seen = 0
        while let (names, base) = waiting.popLast() {
            guard base.count <= KeyNaming.maximumLength, selection.canUse(keysStartingWith: base) else { continue }
            let entries: [(name: String, kind: Descriptor.Kind)]
            do {
                let directory = try openDirectory(names, in: bucket)
                let found = try directory.names(limit: Self.maximumEntries + 1 - seen)
                entries = found.map { ($0, (try? directory.status(of: $0))?.kind ?? .other) }
            } catch {
                guard error.isExhaustion else { continue }
                throw Self.failure(error, key: nil, bucket: name)
            }
            seen += entries.count
            guard seen <= Self.maximumEntries else {
                throw BucketStoreError(
                    .tooLarge, bucket: name,
                    "\(name) holds more than \(Self.maximumEntries) entries on the way; narrow the listing by a prefix")
            }
            var below: [(names: [String], base: [UInt8])] = []
            for entry in entries {
                guard let part = DiskName(entry.name) else { continue }
                let path = names + [entry.name]
                let key = base + Array(part.text.utf8)
                switch (entry.kind, part.kind) {
                case (.file, .segment), (.file, .besideDirectory):
                    if Self.isCanonical(key, path) { selection.offer(key) }
                case (.directory, .segment):
                    below.append((path, key + [UInt8(ascii: "/")]))
                case (.directory, .continued):
                    below.append((path, key))
                default:
                    break
                }
            }
            // The last is taken first: smallest keys early, so that the rest can be left out.
            waiting += below.sorted { $1.base.lexicographicallyPrecedes($0.base) }
        }
    }

    /// Whether the file stands where its key would be looked for. One that does not can be neither read nor replaced.
    private static func isCanonical(_ key: [UInt8], _ names: [String]) -> Bool {
        guard !key.isEmpty, key.count <= KeyNaming.maximumLength, let text = String(validating: key, as: UTF8.self)
        else { return false }
        let due = DiskPath(key: text).names
        guard due.count == names.count, let dueFile = due.last, let file = names.last else { return false }
        guard zip(due.dropLast(), names.dropLast()).allSatisfy({ $0.hasSameBytes(as: $1) }) else { return false }
        return file.hasSameBytes(as: dueFile) || file.hasSameBytes(as: dueFile + DiskPath.besideDirectory)
    }
}
