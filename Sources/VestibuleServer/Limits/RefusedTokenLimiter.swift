internal import Crypto
internal import Synchronization
internal import VestibuleProtocol

/// Counts the distinct tokens of each address that were refused, so that forging them buys little of our time.
///
/// Only what is refused counts, and only once for each token: a busy client whose key was just retired sends one token
/// many times and is not limited. At the bound, further *distinct* refused tokens of that address are answered 429
/// until its minute is over; valid tokens from there are served all the time.
///
/// Bounded to ``maximumAddresses`` (the one whose minute began first makes room) and to the limit's number of
/// fingerprints each.
final class RefusedTokenLimiter: Sendable {
    static let maximumAddresses = 10_000
    static let window = Duration.seconds(60)

    fileprivate struct Minute {
        var began: NumericDate
        var tokens: Set<UInt64>
    }

    fileprivate struct State {
        fileprivate var minutes: [ByteKey: Minute] = [:]
        /// Addresses in the order in which their minutes began; entries of minutes that were replaced are skipped.
        var order: [(address: ByteKey, began: NumericDate)] = []
        var first = 0
    }

    private let limit: Int
    private let maximum: Int
    private let state = Mutex(State())

    init(limit: Int, maximumAddresses: Int = RefusedTokenLimiter.maximumAddresses) {
        self.limit = max(1, limit)
        self.maximum = max(1, maximumAddresses)
    }

    /// Counts a refused credential.
    ///
    /// - Returns: how long to wait where the address is over its limit, otherwise `nil`.
    func refuse(_ credential: String, from address: String?, at now: NumericDate) -> Duration? {
        let fingerprint = Self.fingerprint(of: credential)
        let key = ByteKey(Self.network(of: address ?? ""))
        return state.withLock { state -> Duration? in
            if let minute = state.minutes[key], now - minute.began < Self.window.inSeconds, now >= minute.began {
                if minute.tokens.contains(fingerprint) { return nil }
                guard minute.tokens.count < limit else {
                    return .seconds(max(1, Int((Self.window.inSeconds - (now - minute.began)).rounded(.up))))
                }
                state.minutes[key]?.tokens.insert(fingerprint)
                return nil
            }
            state.begin(key, Minute(began: now, tokens: [fingerprint]), maximum: maximum)
            return nil
        }
    }

    var addressCount: Int { state.withLock { $0.minutes.count } }

    private static func fingerprint(of credential: String) -> UInt64 {
        SHA256.hash(data: Array(credential.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The address, or of an IPv6 address the /64 network, which is what one subscriber has.
    static func network(of address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        if let mapped = address.asciiLowercased.wholePrefix("::ffff:"), mapped.utf8.contains(UInt8(ascii: ".")) {
            return mapped
        }
        let head = address.utf8.prefix { $0 != UInt8(ascii: "%") }
        let groups = head.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .prefix(4).prefix { !$0.isEmpty }.compactMap { String($0) }
        return groups.joined(separator: ":") + "::/64"
    }
}

extension RefusedTokenLimiter.State {
    fileprivate mutating func begin(_ key: ByteKey, _ minute: RefusedTokenLimiter.Minute, maximum: Int) {
        if minutes[key] == nil {
            while minutes.count >= maximum, first < order.count {
                let oldest = order[first]
                first += 1
                if minutes[oldest.address]?.began == oldest.began { minutes[oldest.address] = nil }
            }
        }
        minutes[key] = minute
        order.append((key, minute.began))
        // An address that comes back every minute leaves its old entries behind.
        if first > maximum || order.count > 4 * maximum {
            order = order[first...].filter { minutes[$0.address]?.began == $0.began }
            first = 0
        }
    }
}

extension String {
    /// What follows the prefix, if the text has it.
    fileprivate func wholePrefix(_ prefix: String) -> String? {
        utf8.starts(with: prefix.utf8) ? String(self.dropFirst(prefix.count)) : nil
    }
}
