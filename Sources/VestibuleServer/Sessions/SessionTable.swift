internal import VestibuleAuth
internal import VestibuleProtocol

/// The open sessions, each in one of two orders by the time of its last request: the unbound and the bound ones.
///
/// Every operation costs constant time (that of expiry is spread over the sessions that expire). At the bound, the
/// longest idle unbound session makes room for a new one, and the longest idle bound one where all are bound.
struct SessionTable {
    fileprivate struct Slot {
        var session: Session
        let created: NumericDate
        var lastUsed: NumericDate
        var requests = 1
        var older: Int?
        var newer: Int?
    }

    /// A doubly linked list through the slots, the longest idle first.
    private struct Order {
        var oldest: Int?
        var newest: Int?
    }

    private let idle: Double
    private let maximum: Int
    private var slots: [Slot?] = []
    private var free: [Int] = []
    private var places: [ByteKey: Int] = [:]
    private var unbound = Order()
    private var bound = Order()
    private(set) var boundCount = 0
    private var ended: [Session] = []

    init(_ configuration: SessionConfiguration) {
        self.idle = configuration.idle.inSeconds
        self.maximum = max(1, configuration.maximum)
    }

    var count: Int { places.count }

    /// Puts a session in, which is the most recently used.
    mutating func insert(_ session: Session, now: NumericDate) {
        expire(now: now)
        while count >= maximum, let place = unbound.oldest ?? bound.oldest { remove(at: place) }
        let slot = Slot(session: session, created: now, lastUsed: now)
        let place: Int
        if let reused = free.popLast() {
            place = reused
            slots[place] = slot
        } else {
            place = slots.count
            slots.append(slot)
        }
        places[ByteKey(session.id)] = place
        append(place)
    }

    /// The session of that id, which becomes the most recently used.
    mutating func use(_ id: String, now: NumericDate) -> Session? {
        expire(now: now)
        guard let place = places[ByteKey(id)] else { return nil }
        detach(place)
        slots[place]?.lastUsed = now
        slots[place]?.requests += 1
        append(place)
        return slots[place]?.session
    }

    /// Changes a session, which may move it from the unbound to the bound ones.
    mutating func update(_ id: String, _ change: (inout Session) -> Void) -> Session? {
        guard let place = places[ByteKey(id)], var session = slots[place]?.session else { return nil }
        detach(place)
        change(&session)
        slots[place]?.session = session
        append(place)
        return session
    }

    mutating func remove(_ id: String) {
        if let place = places[ByteKey(id)] { remove(at: place) }
    }

    /// The sessions that ended since this was asked last.
    mutating func takeEnded() -> [Session] {
        guard !ended.isEmpty else { return [] }
        defer { ended = [] }
        return ended
    }

    /// The most recently used sessions, the newest first.
    mutating func overview(limit: Int, now: NumericDate) -> SessionOverview {
        expire(now: now)
        var newest: [SessionOverview.Entry] = []
        // Two lists, each in order, become one.
        var (unbound, bound) = (unbound.newest, bound.newest)
        while newest.count < limit {
            let (left, right) = (unbound.flatMap { slots[$0] }, bound.flatMap { slots[$0] })
            if let left, left.lastUsed >= right?.lastUsed ?? left.lastUsed {
                newest.append(left.entry)
                unbound = left.older
            } else if let right {
                newest.append(right.entry)
                bound = right.older
            } else {
                break
            }
        }
        return SessionOverview(total: count, bound: boundCount, newest: newest)
    }

    /// Drops what was idle for too long, from the old ends of both orders.
    mutating func expire(now: NumericDate) {
        for order in [\SessionTable.unbound, \SessionTable.bound] {
            while let place = self[keyPath: order].oldest, let slot = slots[place], now - slot.lastUsed > idle {
                remove(at: place)
            }
        }
    }

    private mutating func remove(at place: Int) {
        guard let session = slots[place]?.session else { return }
        detach(place)
        ended.append(session)
        slots[place] = nil
        places[ByteKey(session.id)] = nil
        free.append(place)
    }

    private func order(of place: Int) -> WritableKeyPath<SessionTable, Order> {
        slots[place]?.session.owner == nil ? \.unbound : \.bound
    }

    private mutating func append(_ place: Int) {
        let order = order(of: place)
        if slots[place]?.session.owner != nil { boundCount += 1 }
        let newest = self[keyPath: order].newest
        slots[place]?.older = newest
        slots[place]?.newer = nil
        if let newest { slots[newest]?.newer = place } else { self[keyPath: order].oldest = place }
        self[keyPath: order].newest = place
    }

    private mutating func detach(_ place: Int) {
        guard let slot = slots[place] else { return }
        let order = order(of: place)
        if slot.session.owner != nil { boundCount -= 1 }
        if let older = slot.older { slots[older]?.newer = slot.newer } else { self[keyPath: order].oldest = slot.newer }
        if let newer = slot.newer { slots[newer]?.older = slot.older } else { self[keyPath: order].newest = slot.older }
    }
}

extension SessionTable.Slot {
    fileprivate var entry: SessionOverview.Entry {
        SessionOverview.Entry(
            fingerprint: session.fingerprint, owner: session.owner, client: session.clientName?.onShownLine,
            createdAt: created, lastSeen: lastUsed, requests: requests)
    }
}
