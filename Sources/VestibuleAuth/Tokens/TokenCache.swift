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
/// not used since is forgotten with the one before.
final class TokenCache<Value: Sendable>: Sendable {
    private struct State {
        var young: [TokenDigest: Value] = [:]
        var old: [TokenDigest: Value] = [:]
    }

    private let half: Int
    private let state = Mutex(State())

    init(size: Int) {
        self.half = max(0, size / 2)
    }

    subscript(digest: TokenDigest) -> Value? {
        state.withLock { state in
            if let value = state.young[digest] { return value }
            guard let value = state.old[digest] else { return nil }
            insert(value, digest, into: &state)
            return value
        }
    }

    func insert(_ value: Value, for digest: TokenDigest) {
        guard half > 0 else { return }
        state.withLock { insert(value, digest, into: &$0) }
    }

    func remove(_ digest: TokenDigest) {
        state.withLock { state in
            state.young[digest] = nil
            state.old[digest] = nil
        }
    }

    var count: Int { state.withLock { Set($0.young.keys).union($0.old.keys).count } }

    private func insert(_ value: Value, _ digest: TokenDigest, into state: inout State) {
        if state.young.count >= half {
            state.old = state.young
            state.young = [:]
        }
        state.young[digest] = value
    }
}
