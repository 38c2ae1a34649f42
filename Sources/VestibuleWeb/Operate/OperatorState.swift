internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// What the operator's page shows, read off a running server.
///
/// Sessions by their fingerprints, keys by theirs, stale tokens by what they have in common: nothing in it would open
/// anything.
struct OperatorState: Sendable {
    static let maximumSessions = 100
    static let maximumStaleGroups = 50

    let endpoint: MCPEndpoint
    let issuers: [TrustedIssuer]
    let telemetry: Telemetry
    /// When the active key of an issuer is replaced by itself, by the issuer's name.
    var schedules: [String: RotationSchedule] = [:]

    /// All but the time: it is equal to the one before as long as nothing happened.
    func members(at now: NumericDate) -> JSONObject {
        [
            "started_at": telemetry.startedAt.unix, "sessions": sessions, "issuers": issuers(at: now),
            "refusals": refusals(at: now), "stale": stale(at: now),
        ]
    }

    /// The object of these members and the time.
    static func document(_ members: JSONObject, at now: NumericDate) -> [UInt8] {
        var document: JSONObject = ["now": now.unix]
        for member in members.members { document.append(member.name, member.value) }
        return JSONValue.object(document).serialized
    }

    private var sessions: JSONValue {
        let overview = endpoint.sessionOverview(limit: Self.maximumSessions)
        let list = overview.newest.map { session -> JSONValue in
            var entry: JSONObject = ["fingerprint": .string(session.fingerprint)]
            entry["subject"] = session.owner.map { .string($0.subject) }
            entry["issuer"] = session.owner.map { .string($0.issuer) }
            entry["client"] = session.client.map(JSONValue.string) ?? .null
            entry["created_at"] = session.createdAt.unix
            entry["last_seen"] = session.lastSeen.unix
            entry["requests"] = .integer(session.requests)
            return .object(entry)
        }
        return ["total": .integer(overview.total), "bound": .integer(overview.bound), "list": .array(list)]
    }

    private func issuers(at now: NumericDate) -> JSONValue {
        .array(
            issuers.map { issuer in
                var object: JSONObject = [
                    "name": .string(issuer.name), "issuer": .string(issuer.issuer),
                    "keys": .array(issuer.currentKeys.map { json(of: $0, schedule: schedules[issuer.name], at: now) }),
                ]
                if let remote = issuer.remoteKeys { object["source"] = Self.json(of: remote) }
                return .object(object)
            })
    }

    private static func json(of remote: RemoteKeyRing) -> JSONValue {
        let status = remote.status
        var object: JSONObject = ["place": .string(remote.place), "has_keys": .bool(status.hasKeys)]
        object["fetched_at"] = status.fetchedAt?.unix
        object["next_fetch"] = status.nextFetch?.unix
        object["failure"] = status.failure.map { .string($0.message) }
        object["failed_at"] = status.failedAt?.unix
        return .object(object)
    }

    private func json(of key: RingKey, schedule: RotationSchedule?, at now: NumericDate) -> JSONValue {
        let state = key.state.settled(at: now)
        var object: JSONObject = [
            "kid": .string(key.kid), "fingerprint": .string(key.fingerprint),
            "algorithm": .string(key.algorithm.rawValue), "state": .string(state.name),
        ]
        object["since"] = (state.signs ? key.activeSince ?? key.createdAt : key.createdAt).unix
        switch state {
        case .retired(let date): object["since"] = date.unix
        case .verifying(let date), .leaving(let date, _), .scheduled(let date): object["due"] = date.unix
        case .active: object["due"] = schedule.map { $0.due(key).unix }
        case .next: break
        }
        return .object(object)
    }

    private func refusals(at now: NumericDate) -> JSONValue {
        let buckets = telemetry.buckets(at: now)
            .map { bucket -> JSONValue in
                // In an order of their own, so that the same numbers are always the same text.
                let reasons = Reason.allCases.compactMap { reason in
                    bucket.reasons[reason].map { (reason.rawValue, JSONValue.integer($0)) }
                }
                return [
                    "at": .integer(bucket.at), "total_requests": .integer(bucket.requests),
                    "reasons": .object(JSONObject(reasons)),
                ]
            }
        return [
            "bucket_seconds": .integer(Telemetry.bucketSeconds), "hours": .integer(Telemetry.hours),
            "buckets": .array(buckets),
        ]
    }

    private func stale(at now: NumericDate) -> JSONValue {
        .array(
            telemetry.staleTokens(limit: Self.maximumStaleGroups, at: now)
                .map { entry in
                    var object: JSONObject = [
                        "reason": .string(entry.group.reason.rawValue), "kid": .text(entry.group.keyID),
                    ]
                    object["issuer"] = entry.group.issuer.map { .string($0.text) }
                    object["client"] = .text(entry.group.client)
                    object["user_agent"] = .text(entry.group.userAgent)
                    object["count"] = .integer(entry.count)
                    object["first_seen"] = entry.firstSeen.unix
                    object["last_seen"] = entry.lastSeen.unix
                    object["token_age_seconds"] = entry.age.map { NumericDate($0.inSeconds).unix } ?? .null
                    return .object(object)
                })
    }
}

extension JSONValue {
    fileprivate static func text(_ key: ByteKey?) -> JSONValue { key.map { .string($0.text) } ?? .null }
}

extension NumericDate {
    /// Whole seconds.
    fileprivate var unix: JSONValue { Int(exactly: seconds.rounded(.down)).map(JSONValue.integer) ?? .null }
}
