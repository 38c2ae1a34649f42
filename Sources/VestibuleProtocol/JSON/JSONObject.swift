/// The members of a JSON object, in the order in which they were written.
///
/// Names are compared by their bytes. A name that occurs more than once is kept more than once, so that whoever
/// must refuse such an object can (``firstDuplicate``); look-up finds the first. Look-up is linear in the number of
/// members. Two objects are equal where they have equal members in the same order.
public struct JSONObject: Sendable, Hashable {
    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }

        public static func == (left: Member, right: Member) -> Bool {
            left.name.hasSameBytes(as: right.name) && left.value == right.value
        }

        public func hash(into hasher: inout Hasher) {
            name.hashBytes(into: &hasher)
            hasher.combine(value)
        }
    }

    public private(set) var members: [Member]

    public init(_ members: [(String, JSONValue)] = []) {
        self.members = members.map { Member($0.0, $0.1) }
    }

    public init(members: [Member]) {
        self.members = members
    }

    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }
    public var names: [String] { members.map(\.name) }

    /// The first member of that name. Setting replaces it where it stands, appends it when it is new, removes it with
    /// `nil`; afterwards no second one of that name is left.
    public subscript(name: String) -> JSONValue? {
        get {
            let length = name.utf8.count
            return members.withUnsafeBufferPointer { members in
                for index in members.indices
                where members[index].name.utf8.count == length && members[index].name.hasSameBytes(as: name) {
                    return members[index].value
                }
                return nil
            }
        }
        set {
            guard let index = members.firstIndex(where: { $0.name.hasSameBytes(as: name) }) else {
                if let newValue { members.append(Member(name, newValue)) }
                return
            }
            if let newValue { members[index].value = newValue }
            let kept = newValue == nil ? index : index + 1
            let others = members[kept...].filter { !$0.name.hasSameBytes(as: name) }
            members.replaceSubrange(kept..., with: others)
        }
    }

    /// Appends a member without looking for another of its name: for building large objects in linear time.
    public mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name, value))
    }

    /// The first name that occurs a second time, if any does. Linear in the number of members.
    public var firstDuplicate: String? {
        guard members.count > 1 else { return nil }
        if members.count <= 8 {
            for (index, member) in members.enumerated().dropFirst()
            where members[..<index].contains(where: { $0.name.hasSameBytes(as: member.name) }) {
                return member.name
            }
            return nil
        }
        var seen = Set<ByteKey>(minimumCapacity: members.count)
        return members.first { !seen.insert(ByteKey($0.name)).inserted }?.name
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}
