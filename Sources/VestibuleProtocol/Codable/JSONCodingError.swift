/// Why a JSON value is not the Swift value that was asked for, or the other way round.
public struct JSONCodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where in the value: `items[2].key`; empty for the value itself.
    public let path: String
    /// What is wrong there. Quotes no value.
    public let problem: String

    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    /// One line: `items[2].key has to be a string, not of type number`.
    public var description: String {
        path.isEmpty ? "the value \(problem)" : "\(path) \(problem)"
    }
}

extension JSONCodingError {
    /// What somebody's `init(from:)` or `encode(to:)` threw, with the place that it names.
    init(_ error: any Error) {
        switch error {
        case let error as JSONCodingError:
            self = error
        case DecodingError.keyNotFound(let key, let context):
            self.init(path: context.codingPath.appending(key).spelled, problem: "is missing")
        case DecodingError.valueNotFound(_, let context):
            self.init(path: context.codingPath.spelled, problem: "is null, and may not be")
        case DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context):
            self.init(path: context.codingPath.spelled, problem: "is refused: \(context.debugDescription.onOneLine())")
        case EncodingError.invalidValue(_, let context):
            self.init(path: context.codingPath.spelled, problem: context.debugDescription.onOneLine())
        default:
            self.init(path: "", problem: "is refused: \("\(error)".onOneLine())")
        }
    }
}

/// A place in a value while it is coded: a list that grows at its end and shares its start.
final class CodingPlace: Sendable {
    let parent: CodingPlace?
    let key: any CodingKey
    let depth: Int

    init(_ key: any CodingKey, in parent: CodingPlace?) {
        self.parent = parent
        self.key = key
        self.depth = (parent?.depth ?? 0) + 1
    }
}

extension CodingPlace? {
    var depth: Int { self?.depth ?? 0 }

    var keys: [any CodingKey] {
        var keys: [any CodingKey] = []
        var place = self
        while let here = place {
            keys.append(here.key)
            place = here.parent
        }
        return keys.reversed()
    }

    func problem(_ text: String) -> JSONCodingError {
        JSONCodingError(path: keys.spelled, problem: text)
    }
}

extension [any CodingKey] {
    func appending(_ key: any CodingKey) -> [any CodingKey] { self + [key] }

    /// `items[2].key`, each name cut where it is long.
    var spelled: String {
        reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? "" : "."
                text += key.stringValue.onOneLine(limit: 64)
            }
        }
    }
}

/// The key of an element of an array, or of a member whose name is known at run time only.
struct PlainKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        self.intValue = nil
    }

    init(intValue: Int) {
        self.stringValue = "\(intValue)"
        self.intValue = intValue
    }

    static let superclass = PlainKey(stringValue: "super")
}
