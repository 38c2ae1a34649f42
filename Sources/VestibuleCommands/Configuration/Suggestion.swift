/// Finds what somebody probably meant to write.
enum Suggestion {
    /// The candidate nearest to the text, if one is near enough to be worth a question.
    static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(text.lowercased().utf8.prefix(64))
        let tolerance = max(1, wanted.count / 3)
        return
            candidates
            .map { (candidate: $0, distance: distance(wanted, Array($0.lowercased().utf8.prefix(64)))) }
            .filter { $0.distance <= tolerance }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
            .candidate
    }

    /// How many bytes have to be inserted, removed, replaced or swapped with their neighbour (optimal string
    /// alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row] + [Int](repeating: 0, count: right.count)
            for column in 1...right.count {
                let cost = left[row - 1] == right[column - 1] ? 0 : 1
                current[column] = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + cost)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    current[column] = min(current[column], beforeLast[column - 2] + 1)
                }
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
