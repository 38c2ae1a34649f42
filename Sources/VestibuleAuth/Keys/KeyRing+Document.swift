package import VestibuleProtocol

/// The ring as the JSON document that a key ring file holds.
///
/// ```json
/// {"format": "vestibule key ring", "version": 1, "keys": [
///   {"kid": "es256-9c1d3f2a", "state": "active", "created_at": 1700000000, "jwk": {"kty": "EC", …}}]}
/// ```
/// A verifying key has `until`, a retired one `retired_at`. While a rotation is under way the next key has `active_from`
/// and the active one `active_until`, and `until` for its overlap. `active_since` is when a key began to sign. Dates are
/// seconds since 1970.
extension KeyRing {
    private static let format = "vestibule key ring"

    var document: JSONValue {
        ["format": .string(Self.format), "version": 1, "keys": .array(keys.map { .object($0.document) })]
    }

    init(document: JSONValue) throws(KeyError) {
        guard document["format"] == .string(Self.format) else {
            throw KeyError(.corrupted, "it is not a key ring: \"format\" is not \"\(Self.format)\"")
        }
        guard document["version"]?.integer == 1 else {
            throw KeyError(.corrupted, "its \"version\" is not 1, the only one that this program knows")
        }
        guard let values = document["keys"]?.array else { throw KeyError(.corrupted, "it has no array \"keys\"") }
        self.init()
        for (index, value) in values.enumerated() {
            do {
                try add(try RingKey(document: value))
            } catch {
                throw KeyError(.corrupted, "keys[\(index)]: \(error.message)")
            }
        }
    }
}

extension RingKey {
    fileprivate var document: JSONObject {
        var object: JSONObject = ["kid": .string(kid), "state": .string(state.name), "created_at": createdAt.json]
        object["active_since"] = activeSince?.json
        switch state {
        case .scheduled(let date): object["active_from"] = date.json
        case .leaving(let date, let until):
            object["active_until"] = date.json
            object["until"] = until.json
        case .verifying(let until): object["until"] = until.json
        case .retired(let date): object["retired_at"] = date.json
        case .next, .active: break
        }
        object["jwk"] = .object(material.jwk)
        return object
    }

    fileprivate init(document: JSONValue) throws(KeyError) {
        guard let object = document.object else { throw KeyError(.corrupted, "a \(document.kind) instead of a key") }
        guard let kid = object["kid"]?.string else { throw KeyError(.corrupted, "\"kid\" is not a string") }
        guard let jwk = object["jwk"]?.object else { throw KeyError(.corrupted, "\"jwk\" is not an object") }
        let state: KeyState =
            switch object["state"]?.string {
            case "next": try object.dateIfAny("active_from").map(KeyState.scheduled) ?? .next
            case "active": try object.activeState()
            case "verifying": .verifying(until: try object.date("until"))
            case "retired": .retired(at: try object.date("retired_at"))
            default: throw KeyError(.corrupted, "\"state\" is not next, active, verifying or retired")
            }
        let material = try keyMaterial(jwk: jwk)
        // A retired secret is only recognised, which asks nothing of it.
        if let secret = material as? HMACKeyMaterial, !state.isRetired {
            _ = try RingKey(
                hmacSecret: secret.bytes, algorithm: secret.kind, kid: kid, state: state, createdAt: NumericDate(0))
        }
        if !material.canSign, state.signs || state.nextChange != nil && state.isNext {
            throw KeyError(.corrupted, "the \(state.name) key has no private half")
        }
        self.init(
            kid: kid, material: material, state: state, createdAt: try object.date("created_at"),
            activeSince: try object.dateIfAny("active_since"))
    }
}

extension JSONObject {
    fileprivate func activeState() throws(KeyError) -> KeyState {
        guard let date = try dateIfAny("active_until") else { return .active }
        let until = try self.date("until")
        guard until >= date else { throw KeyError(.corrupted, "\"until\" comes before \"active_until\"") }
        return .leaving(at: date, until: until)
    }

    func dateIfAny(_ name: String) throws(KeyError) -> NumericDate? {
        self[name] == nil ? nil : try date(name)
    }

    func date(_ name: String) throws(KeyError) -> NumericDate {
        guard let seconds = self[name]?.number?.double, NumericDate.plausible.contains(seconds) else {
            throw KeyError(.corrupted, "\"\(name)\" is not a date in seconds since 1970")
        }
        return NumericDate(seconds)
    }
}

extension NumericDate {
    /// The years 1 to 9999, in seconds: what lies outside was not meant as a date in seconds.
    static let plausible = -62_135_596_800.0...253_402_300_799.0

    /// As a JSON number, whole where it is whole.
    package var json: JSONValue {
        if let whole = Int(exactly: seconds) { return .integer(whole) }
        return JSONNumber(seconds).map(JSONValue.number) ?? .null
    }
}
