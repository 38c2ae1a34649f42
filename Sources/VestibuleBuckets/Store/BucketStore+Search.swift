extension BucketStore {
    /// Goes through the bucket page by page, 10,000 keys at most.
    public func search(_ query: String, in bucket: String, limit: Int) async throws -> SearchResult {
        let words = KeySearch.words(of: query)
        guard !words.isEmpty else {
            throw BucketStoreError(
                .invalidArgument, bucket: bucket, "the search query is empty; give at least one word of a key")
        }
        let limit = min(max(limit, 1), 1000)
        var result = SearchResult(objects: [], scanned: 0, isComplete: false)
        var query = ObjectQuery(maximumKeys: 1000)
        while result.scanned < KeySearch.maximumScan {
            try Task.checkCancellation()
            let page = try await objects(in: bucket, query)
            for object in page.objects {
                result.scanned += 1
                guard KeySearch.holds(object.key, words) else { continue }
                guard result.objects.count < limit else { return result }
                result.objects.append(object)
            }
            guard let token = page.continuationToken else {
                result.isComplete = true
                return result
            }
            query.continuationToken = token
        }
        return result
    }
}

/// How a key is held against a search query.
enum KeySearch {
    static let maximumScan = 10_000

    /// The query's words in lower case: at most 16.
    static func words(of query: String) -> [[UInt8]] {
        query.lowercased().split(whereSeparator: \.isWhitespace).prefix(16).map { Array($0.utf8) }
    }

    static func holds(_ key: String, _ words: [[UInt8]]) -> Bool {
        let key = Array(key.lowercased().utf8)
        return words.allSatisfy { contains(key, $0) }
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first, word.count <= text.count else { return false }
        return (0...(text.count - word.count))
            .contains { start in
                text[start] == first && text[start..<(start + word.count)].elementsEqual(word)
            }
    }
}
