internal import VestibuleProtocol
internal import VestibuleServer

/// Tokens that arrived though a refresh was due, in groups of those that have one cause and one sender.
struct StaleTokens: Sendable {
    /// What tokens of one group have in common. Every text is cut already, so the bound on groups bounds the memory.
    struct Group: Sendable, Hashable {
        var reason: Reason
        var keyID: ByteKey?
        var issuer: ByteKey?
        var client: ByteKey?
        var userAgent: ByteKey?

        init(_ record: RequestRecord, _ reason: Reason) {
            self.reason = reason
            keyID = record.keyID.map(ByteKey.init)
            issuer = record.issuer.map(ByteKey.init)
            client = record.clientName.map(ByteKey.init)
            userAgent = record.userAgent.map(ByteKey.init)
        }
    }

    struct Entry: Sendable, Hashable {
        var group: Group
        var count = 0
        var firstSeen: NumericDate
        var lastSeen: NumericDate
        /// The age of the token that came last, where it says when it was issued.
        var age: Duration?
    }

    private var entries: [Group: Entry] = [:]

    mutating func count(_ group: Group, age: Duration?, at now: NumericDate) {
        if entries[group] == nil {
            if entries.count >= Telemetry.maximumGroups { makeRoom(at: now) }
            entries[group] = Entry(group: group, firstSeen: now, lastSeen: now)
        }
        entries[group]?.count += 1
        entries[group]?.lastSeen = now
        entries[group]?.age = age
    }

    /// The groups of the last hours, the one that was seen last first.
    mutating func newest(_ limit: Int, at now: NumericDate) -> [Entry] {
        forgetOld(at: now)
        let newest = entries.values.sorted { left, right in
            left.lastSeen == right.lastSeen ? left.firstSeen > right.firstSeen : left.lastSeen > right.lastSeen
        }
        return Array(newest.prefix(max(0, limit)))
    }

    /// A fifth at a time, so that whoever sends ever new ones does not make us sort for each.
    private mutating func makeRoom(at now: NumericDate) {
        forgetOld(at: now)
        let excess = entries.count - Telemetry.maximumGroups * 4 / 5
        guard excess > 0 else { return }
        for entry in entries.values.sorted(by: { $0.lastSeen < $1.lastSeen }).prefix(excess) {
            entries[entry.group] = nil
        }
    }

    private mutating func forgetOld(at now: NumericDate) {
        let oldest = now - .seconds(Telemetry.hours * 3600)
        entries = entries.filter { $0.value.lastSeen >= oldest }
    }

    var count: Int { entries.count }
}
