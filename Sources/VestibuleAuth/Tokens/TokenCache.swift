internal import Crypto
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The SHA-256 of a token's bytes, by which it is remembered without being kept.
struct TokenDigest: Sendable, Hashable {
    private let digest: SHA256.Digest

    init(_ token: String) {
        var copy = token
        var hash = SHA256()
        copy.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        digest = hash.finalize()
    }
}

/// Remembers what was found out about tokens, so that the next request of one costs a hash.
///
/// Two generations of at most half the size each: when the young one is full it becomes the old one, and what was
/// not used since is forgotten with the one before. Within a generation no owner has more than a share: whoever has
/// more tokens than that replaces their own, those first that were not used again, and never anybody else's.
final class TokenCache<Value: Sendable>: Sendable {
    /// What a token's owner is told apart by; a collision of hashes only makes two owners share one share.
    typealias Owner = Int

    private struct Entry {
        var value: Value
        var owner: Owner?
        var weight: Int
        /// Whether it was used again since its owner's share was last full.
        var isUsed = false
    }

    private struct State {
        var young: [TokenDigest: Entry] = [:]
        var old: [TokenDigest: Entry] = [:]
        /// What the owners have in the young generation.
        var shares: [Owner: OwnerShare] = [:]
        /// Of the young generation.
        var weight = 0
    }

    /// The most that a generation holds, and the most that one owner holds of it.
    private let half: Int
    private let share: Int
    private let state = Mutex(State())

    /// - Parameter size: How many tokens of up to 1 KiB are remembered; larger ones count once more for each KiB.
    init(size: Int) {
        self.half = max(0, size / 2)
        // A quarter; of a small cache more, so that a few tokens of one owner still fit.
        self.share = max(half / 4, min(half, 4))
    }

    subscript(digest: TokenDigest) -> Value? {
        state.withLock { state in
            if let index = state.young.index(forKey: digest) {
                if !state.young.values[index].isUsed { state.young.values[index].isUsed = true }
                return state.young.values[index].value
            }
            guard var entry = state.old[digest] else { return nil }
            entry.isUsed = true
            insert(entry, digest, into: &state)
            return entry.value
        }
    }

    /// - Parameters:
    ///   - owner: Whose share it counts against; `nil` where nobody is known to own it.
    ///   - length: The token's, in bytes.
    func insert(_ value: Value, for digest: TokenDigest, owner: Owner? = nil, length: Int = 0) {
        let weight = max(1, (length + 1023) / 1024)
        guard weight <= share else { return }
        state.withLock { insert(Entry(value: value, owner: owner, weight: weight), digest, into: &$0) }
    }

    func remove(_ digest: TokenDigest) {
        state.withLock { state in
            state.old[digest] = nil
            drop(digest, from: &state)
        }
    }

    var count: Int { state.withLock { Set($0.young.keys).union($0.old.keys).count } }

    private func insert(_ entry: Entry, _ digest: TokenDigest, into state: inout State) {
        drop(digest, from: &state)
        // What an owner gives up for the new one makes room for it, too.
        makeRoom(for: entry, in: &state)
        if state.weight + entry.weight > half {
            state.old = state.young
            state.young = [:]
            state.shares = [:]
            state.weight = 0
        }
        state.young[digest] = entry
        state.weight += entry.weight
        if let owner = entry.owner {
            state.shares[owner, default: OwnerShare()].append(digest, weight: entry.weight)
        }
    }

    /// Forgets tokens of the entry's owner until the entry fits into the share; one that was used again comes round
    /// once more before it is forgotten.
    private func makeRoom(for entry: Entry, in state: inout State) {
        guard let owner = entry.owner else { return }
        while let held = state.shares[owner], held.weight + entry.weight > share, let oldest = held.oldest {
            if let index = state.young.index(forKey: oldest), state.young.values[index].isUsed {
                state.young.values[index].isUsed = false
                state.shares[owner]?.putOldestLast()
            } else {
                drop(oldest, from: &state)
            }
        }
    }

    private func drop(_ digest: TokenDigest, from state: inout State) {
        guard let entry = state.young.removeValue(forKey: digest) else { return }
        state.weight -= entry.weight
        guard let owner = entry.owner else { return }
        state.shares[owner]?.remove(digest, weight: entry.weight)
        if state.shares[owner]?.oldest == nil { state.shares[owner] = nil }
    }
}

/// The tokens of one owner in a generation, in the order in which they came.
private struct OwnerShare {
    private(set) var weight = 0
    private var order = Deque()

    var oldest: TokenDigest? { order.first }

    mutating func append(_ digest: TokenDigest, weight: Int) {
        order.append(digest)
        self.weight += weight
    }

    mutating func putOldestLast() {
        guard let digest = order.popFirst() else { return }
        order.append(digest)
    }

    mutating func remove(_ digest: TokenDigest, weight: Int) {
        order.remove(digest)
        self.weight -= weight
    }

    /// A queue in an array: what was taken from its front is cut off when it is half of it.
    private struct Deque {
        private var digests: [TokenDigest] = []
        private var start = 0

        var first: TokenDigest? { start < digests.count ? digests[start] : nil }

        mutating func append(_ digest: TokenDigest) { digests.append(digest) }

        mutating func popFirst() -> TokenDigest? {
            guard let first else { return nil }
            start += 1
            if start * 2 > digests.count {
                digests.removeFirst(start)
                start = 0
            }
            return first
        }

        /// At once at the front, which is where most are taken; else in time linear in the share.
        mutating func remove(_ digest: TokenDigest) {
            if first == digest {
                _ = popFirst()
            } else if let index = digests[start...].firstIndex(of: digest) {
                digests.remove(at: index)
            }
        }
    }
}
