internal import Crypto
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Remembers tokens that were verified, by the SHA-256 of their bytes, so that the next request of one costs a hash.
///
/// What depends on time or on the ring is looked at again on every use; this only saves the signature and the parsing.
/// Two generations of at most half the size each: when the young one is full it becomes the old one, and what was
/// not used since is forgotten with the one before.
final class VerifiedTokenCache: Sendable {
    private struct State {
        var young: [SHA256.Digest: VerifiedToken] = [:]
        var old: [SHA256.Digest: VerifiedToken] = [:]
    }

    private let half: Int
    private let state = Mutex(State())

    init(size: Int) {
        self.half = max(0, size / 2)
    }

    subscript(token: String) -> VerifiedToken? {
        guard half > 0 else { return nil }
        let digest = Self.digest(token)
        return state.withLock { state in
            if let verified = state.young[digest] { return verified }
            guard let verified = state.old[digest] else { return nil }
            insert(verified, digest, into: &state)
            return verified
        }
    }

    func insert(_ verified: VerifiedToken, for token: String) {
        guard half > 0 else { return }
        let digest = Self.digest(token)
        state.withLock { insert(verified, digest, into: &$0) }
    }

    func remove(_ token: String) {
        let digest = Self.digest(token)
        state.withLock { state in
            state.young[digest] = nil
            state.old[digest] = nil
        }
    }

    var count: Int { state.withLock { Set($0.young.keys).union($0.old.keys).count } }

    private func insert(_ verified: VerifiedToken, _ digest: SHA256.Digest, into state: inout State) {
        if state.young.count >= half {
            state.old = state.young
            state.young = [:]
        }
        state.young[digest] = verified
    }

    private static func digest(_ token: String) -> SHA256.Digest {
        var copy = token
        var hash = SHA256()
        copy.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return hash.finalize()
    }
}
