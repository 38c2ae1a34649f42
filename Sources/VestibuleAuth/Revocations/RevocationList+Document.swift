internal import VestibuleProtocol

/// The list as the JSON document that a file of revocations holds.
///
/// ```json
/// {"format": "vestibule revocations", "version": 1, "revocations": [
///   {"jti": "Zm9v", "issuer": "https://mcp.example.com", "date": 1700000000.25, "until": 1700000305}]}
/// ```
/// Each has one of `jti`, `subject` and `kid`; `issuer` and `until` may be missing. Dates are seconds since 1970.
extension RevocationList {
    private static let format = "vestibule revocations"

    var document: JSONValue {
        ["format": .string(Self.format), "version": 1, "revocations": .array(entries.map { .object($0.document) })]
    }

    init(document: JSONValue) throws(KeyError) {
        guard document["format"] == .string(Self.format) else {
            throw KeyError(.corrupted, "it is no list of revocations: \"format\" is not \"\(Self.format)\"")
        }
        guard document["version"]?.integer == 1 else {
            throw KeyError(.corrupted, "its \"version\" is not 1, the only one that this program knows")
        }
        guard let values = document["revocations"]?.array else {
            throw KeyError(.corrupted, "it has no array \"revocations\"")
        }
        self.init()
        for (index, value) in values.enumerated() {
            do throws(KeyError) {
                try add(try Revocation(document: value))
            } catch {
                throw KeyError(.corrupted, "revocations[\(index)]: \(error.message)")
            }
        }
    }
}

extension Revocation {
    fileprivate var document: JSONObject {
        var object = JSONObject()
        object[target.kind] = .string(target.value)
        object["issuer"] = issuer.map { .string($0.text) }
        object["date"] = date.json
        object["until"] = until?.json
        return object
    }

    fileprivate init(document: JSONValue) throws(KeyError) {
        guard let object = document.object else {
            throw KeyError(.corrupted, "a \(document.kind) instead of an object")
        }
        let targets: [Target] = [
            object["jti"]?.string.map { .token(id: ByteKey($0)) },
            object["subject"]?.string.map { .subject(ByteKey($0)) },
            object["kid"]?.string.map { .key(id: ByteKey($0)) },
        ]
        .compactMap(\.self)
        guard let target = targets.first, targets.count == 1 else {
            throw KeyError(.corrupted, "not exactly one of \"jti\", \"subject\" and \"kid\" is a string")
        }
        if let issuer = object["issuer"], issuer.string == nil {
            throw KeyError(.corrupted, "\"issuer\" is not a string")
        }
        self.init(
            target, issuer: object["issuer"]?.string, date: try object.date("date"),
            until: try object.dateIfAny("until"))
    }
}
