/// The member names of one object that have been seen: in time linear in their number, without allocating for none.
struct MemberNames {
    private var few: [JSONCursor.StringToken] = []
    private var many: Set<ByteKey> = []

    init() {}

    /// Whether the name is a new one.
    mutating func insert(_ name: JSONCursor.StringToken, of cursor: JSONCursor) -> Bool {
        guard many.isEmpty else { return many.insert(ByteKey(cursor.text(of: name))).inserted }
        if few.contains(where: { cursor.isSameText($0, name) }) { return false }
        few.append(name)
        if few.count > 8 { many = Set(few.map { ByteKey(cursor.text(of: $0)) }) }
        return true
    }
}
