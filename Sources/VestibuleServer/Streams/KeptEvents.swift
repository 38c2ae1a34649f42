internal import Synchronization

/// Which events of a session's streams are kept for readers that come back, the oldest first; and which have to go.
///
/// An answer goes last: a client that comes back for it can do without the progress before it.
struct KeptEvents: Sendable {
    struct Item: Sendable, Hashable {
        let stream: Int
        let number: Int
        let size: Int
    }

    private(set) var bytes = 0
    private var notes: [Item] = []
    private var answers: [Item] = []

    var count: Int { notes.count + answers.count }

    mutating func add(_ item: Item, isAnswer: Bool) {
        bytes += item.size
        if isAnswer { answers.append(item) } else { notes.append(item) }
    }

    /// Takes out what is too much.
    ///
    /// - Parameter excess: bytes that have to go whatever the bounds are.
    mutating func overflow(events: Int, bytes limit: Int, excess: Int) -> [Item] {
        var dropped: [Item] = []
        let limit = min(limit, bytes - max(0, excess))
        while count > events || bytes > max(0, limit), count > 0 {
            let item = notes.isEmpty ? answers.removeFirst() : notes.removeFirst()
            bytes -= item.size
            dropped.append(item)
        }
        return dropped
    }

    /// Takes out what is kept of one stream.
    mutating func remove(stream: Int) {
        bytes -= (notes + answers).lazy.filter { $0.stream == stream }.reduce(0) { $0 + $1.size }
        notes.removeAll { $0.stream == stream }
        answers.removeAll { $0.stream == stream }
    }
}

/// The bytes that all sessions of an endpoint keep together.
final class KeptBudget: Sendable {
    private let limit: Int
    private let bytes = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: how many bytes are kept beyond the bound.
    func change(by difference: Int) -> Int {
        bytes.wrappingAdd(difference, ordering: .relaxed).newValue - limit
    }

    var used: Int { bytes.load(ordering: .relaxed) }
}
