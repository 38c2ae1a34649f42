extension Envelope {
    /// The longest method that is read, in bytes.
    public static let maximumMethodLength = 256
    /// The longest string `id` that is read, in bytes.
    public static let maximumIDLength = 256

    /// Finds what must be known of a message in one validating pass over its bytes, without building a tree.
    ///
    /// The whole body is checked, also behind the first thing that is wrong with the message, so "not JSON" is said of
    /// every body that is not, and the id of a request is found wherever it stands.
    ///
    /// - Parameters:
    ///   - body: One message, as it came.
    ///   - limits: Bounds of the body. Duplicates are refused at every level that is read, whatever they say.
    /// - Throws: ``EnvelopeError``.
    public static func scan(_ body: [UInt8], limits: JSONLimits = JSONLimits()) throws(EnvelopeError) -> Envelope {
        try body.withUnsafeBufferPointer { (bytes) throws(EnvelopeError) in
            var scan = EnvelopeScan(bytes, limits: limits)
            return try scan.envelope()
        }
    }
}

/// The state of one scan.
private struct EnvelopeScan {
    private var cursor: JSONCursor
    /// The first thing that is wrong with the message, though it may be JSON.
    private var problem: (code: EnvelopeError.Code, offset: Int, reason: String)?
    private var id: RequestID?
    private var version: Bool?
    private var method: String?
    /// Offsets of the members, which also say whether they are there.
    private var idOffset: Int?
    private var methodOffset: Int?
    private var resultOffset: Int?
    private var errorOffset: Int?
    private var message = Envelope(kind: .notification, method: "")

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.cursor = JSONCursor(bytes, limits: limits)
    }

    mutating func envelope() throws(EnvelopeError) -> Envelope {
        do throws(JSONError) {
            try cursor.begin()
            try scanDocument()
            try cursor.finish()
        } catch {
            throw EnvelopeError(error, requestID: answerableID)
        }
        if problem == nil { settleKind() }
        if let problem {
            throw EnvelopeError(problem.code, at: problem.offset, problem.reason, requestID: answerableID)
        }
        return message
    }

    /// The id to answer with; a response is not answered.
    private var answerableID: RequestID? {
        let isResponse = methodOffset == nil && (resultOffset != nil || errorOffset != nil)
        return isResponse ? nil : id
    }

    private mutating func note(_ code: EnvelopeError.Code, at offset: Int, _ reason: String) {
        if problem == nil { problem = (code, offset, reason) }
    }

    // MARK: - Levels

    private mutating func scanDocument() throws(JSONError) {
        switch cursor.current {
        case 0x7B:
            try scanMessage()
            return
        case 0x5B:
            note(
                .batch, at: cursor.index,
                "the body is an array; batches are for sessions of 2025-03-26 only, send one message")
        default: note(.notAnObject, at: cursor.index, "the body is JSON, but not an object")
        }
        try cursor.skipValue()
    }

    private mutating func scanMessage() throws(JSONError) {
        var names = MemberNames()
        var isFirst = true
        try cursor.enter()
        while try cursor.hasNext(isFirst: &isFirst, closing: 0x7D) {
            let start = cursor.index
            let name = try cursor.scanMemberName()
            if cursor.spells(name, "jsonrpc") {
                guard try isNew(version == nil, name, at: start) else { continue }
                try scanVersion()
            } else if cursor.spells(name, "id") {
                guard try isNew(idOffset == nil, name, at: start) else {
                    // Which of the two the sender will match an answer against, nobody knows.
                    id = nil
                    continue
                }
                idOffset = cursor.index
                try scanID()
            } else if cursor.spells(name, "method") {
                guard try isNew(methodOffset == nil, name, at: start) else { continue }
                methodOffset = cursor.index
                try scanMethod()
            } else if cursor.spells(name, "params") {
                guard try isNew(message.params == nil, name, at: start) else { continue }
                try scanParams()
            } else if cursor.spells(name, "result") {
                guard try isNew(resultOffset == nil, name, at: start) else { continue }
                resultOffset = cursor.index
                try scanOutcome("result")
            } else if cursor.spells(name, "error") {
                guard try isNew(errorOffset == nil, name, at: start) else { continue }
                errorOffset = cursor.index
                try scanOutcome("error")
            } else if try isNew(names.insert(name, of: cursor), name, at: start) {
                try cursor.skipValue()
            }
        }
    }

    private mutating func scanParams() throws(JSONError) {
        let start = cursor.index
        guard cursor.current == 0x7B else {
            note(.params, at: start, "`params` is not an object")
            message.params = try cursor.skipValue()
            return
        }
        var names = MemberNames()
        var seen: ParameterName = []
        var isFirst = true
        try cursor.enter()
        while try cursor.hasNext(isFirst: &isFirst, closing: 0x7D) {
            let start = cursor.index
            let name = try cursor.scanMemberName()
            guard let known = parameter(name) else {
                if try isNew(names.insert(name, of: cursor), name, at: start) { try cursor.skipValue() }
                continue
            }
            guard try isNew(seen.insert(known).inserted, name, at: start) else { continue }
            switch known {
            case .name: message.name = try scanText()
            case .uri: message.uri = try scanText()
            case .taskID: message.taskID = try scanText()
            case .meta: try scanMeta()
            case .arguments: message.arguments = try scanRange()
            case .cursor: message.cursor = try scanRange()
            case .inputResponses: message.inputResponses = try scanRange()
            default:
                let isNull = cursor.current == 0x6E
                let text = try scanText()
                message.requestState = isNull ? nil : text ?? ""
            }
        }
        message.params = start..<cursor.index
    }

    /// The members of `params` that are looked at.
    private struct ParameterName: OptionSet {
        let rawValue: UInt8

        static let name = Self(rawValue: 1)
        static let arguments = Self(rawValue: 2)
        static let meta = Self(rawValue: 4)
        static let uri = Self(rawValue: 8)
        static let cursor = Self(rawValue: 16)
        static let inputResponses = Self(rawValue: 32)
        static let requestState = Self(rawValue: 64)
        static let taskID = Self(rawValue: 128)
    }

    private func parameter(_ name: JSONCursor.StringToken) -> ParameterName? {
        if cursor.spells(name, "name") { return .name }
        if cursor.spells(name, "arguments") { return .arguments }
        if cursor.spells(name, "_meta") { return .meta }
        if cursor.spells(name, "uri") { return .uri }
        if cursor.spells(name, "cursor") { return .cursor }
        if cursor.spells(name, "inputResponses") { return .inputResponses }
        if cursor.spells(name, "requestState") { return .requestState }
        return cursor.spells(name, "taskId") ? .taskID : nil
    }

    private mutating func scanMeta() throws(JSONError) {
        let start = cursor.index
        guard cursor.current == 0x7B else {
            if cursor.current != 0x6E { note(.meta, at: start, "`params._meta` is not an object") }
            try cursor.skipValue()
            return
        }
        var names = MemberNames()
        var seen: MetaName = []
        var isFirst = true
        try cursor.enter()
        while try cursor.hasNext(isFirst: &isFirst, closing: 0x7D) {
            let start = cursor.index
            let name = try cursor.scanMemberName()
            guard let known = metaName(name) else {
                if try isNew(names.insert(name, of: cursor), name, at: start) { try cursor.skipValue() }
                continue
            }
            guard try isNew(seen.insert(known).inserted, name, at: start) else { continue }
            try scan(known)
        }
        message.meta = start..<cursor.index
    }

    /// The members of `params._meta` that are looked at.
    private struct MetaName: OptionSet {
        let rawValue: UInt8

        static let version = Self(rawValue: 1)
        static let capabilities = Self(rawValue: 2)
        static let client = Self(rawValue: 4)
        static let logLevel = Self(rawValue: 8)
        static let progressToken = Self(rawValue: 16)
    }

    private func metaName(_ name: JSONCursor.StringToken) -> MetaName? {
        if cursor.spells(name, "io.modelcontextprotocol/protocolVersion") { return .version }
        if cursor.spells(name, "io.modelcontextprotocol/clientCapabilities") { return .capabilities }
        if cursor.spells(name, "io.modelcontextprotocol/clientInfo") { return .client }
        if cursor.spells(name, "io.modelcontextprotocol/logLevel") { return .logLevel }
        return cursor.spells(name, "progressToken") ? .progressToken : nil
    }

    private mutating func scan(_ name: MetaName) throws(JSONError) {
        let start = cursor.index
        switch name {
        case .version:
            message.claimedVersion = try scanText()
            if message.claimedVersion == nil {
                note(.meta, at: start, "the protocol version in `params._meta` is not a string")
            }
        case .capabilities:
            let isObject = cursor.current == 0x7B
            let range = try cursor.skipValue()
            guard isObject else {
                return note(.meta, at: start, "the client's capabilities in `params._meta` are not an object")
            }
            message.clientCapabilities = range
        case .client: try scanClient()
        case .logLevel: message.logLevel = try scanText() ?? ""
        default: message.progressToken = try scanToken()
        }
    }

    /// `clientInfo`, of which the name is kept.
    private mutating func scanClient() throws(JSONError) {
        let start = cursor.index
        guard cursor.current == 0x7B else {
            if cursor.current != 0x6E { note(.meta, at: start, "`clientInfo` in `params._meta` is not an object") }
            try cursor.skipValue()
            return
        }
        var clientName: String?
        var hasVersion = false
        var (isNamed, isVersioned) = (false, false)
        var isFirst = true
        try cursor.enter()
        while try cursor.hasNext(isFirst: &isFirst, closing: 0x7D) {
            let start = cursor.index
            let name = try cursor.scanMemberName()
            if cursor.spells(name, "name") {
                guard try isNew(!isNamed, name, at: start) else { continue }
                isNamed = true
                clientName = try scanText()
            } else if cursor.spells(name, "version") {
                guard try isNew(!isVersioned, name, at: start) else { continue }
                isVersioned = true
                hasVersion = cursor.current == 0x22
                try cursor.skipValue()
            } else {
                try cursor.skipValue()
            }
        }
        guard let clientName, hasVersion else {
            return note(.meta, at: start, "`clientInfo` in `params._meta` needs a `name` and a `version`, both strings")
        }
        message.clientName = clientName
        message.clientInfo = start..<cursor.index
    }

    /// A progress token; anything else is none.
    private mutating func scanToken() throws(JSONError) -> RequestID? {
        switch cursor.current {
        case 0x22:
            let text = cursor.text(of: try cursor.scanString())
            return text.utf8.count <= Envelope.maximumIDLength ? .string(text) : nil
        case 0x2D, .some(0x30...0x39):
            let literal = try cursor.scanNumber()
            return Int(String(decoding: cursor.bytes[literal], as: UTF8.self)).map(RequestID.integer)
        default:
            try cursor.skipValue()
            return nil
        }
    }

    /// Where a value lies; `nil` for null.
    private mutating func scanRange() throws(JSONError) -> Range<Int>? {
        let isNull = cursor.current == 0x6E
        let range = try cursor.skipValue()
        return isNull ? nil : range
    }

    /// Notes a duplicate and passes over its value.
    private mutating func isNew(
        _ isNew: Bool, _ name: JSONCursor.StringToken, at offset: Int
    ) throws(JSONError) -> Bool {
        if isNew { return true }
        note(.duplicateMember, at: offset, "member \(cursor.text(of: name).shownInErrors) occurs twice")
        try cursor.skipValue()
        return false
    }

    // MARK: - Members

    /// The text of a string; passes over any other value with `nil`.
    private mutating func scanText() throws(JSONError) -> String? {
        guard cursor.current == 0x22 else {
            try cursor.skipValue()
            return nil
        }
        return cursor.text(of: try cursor.scanString())
    }

    private mutating func scanVersion() throws(JSONError) {
        let start = cursor.index
        if cursor.current == 0x22 {
            version = cursor.spells(try cursor.scanString(), "2.0")
        } else {
            try cursor.skipValue()
            version = false
        }
        if version == false { note(.version, at: start, "`jsonrpc` is not \"2.0\"") }
    }

    private mutating func scanMethod() throws(JSONError) {
        let start = cursor.index
        guard let text = try scanText() else {
            note(.method, at: start, "`method` is not a string")
            return
        }
        guard !text.isEmpty else {
            note(.method, at: start, "`method` is empty")
            return
        }
        guard text.utf8.count <= Envelope.maximumMethodLength else {
            note(.method, at: start, "`method` is longer than \(Envelope.maximumMethodLength) bytes")
            return
        }
        message.method = text
    }

    private mutating func scanID() throws(JSONError) {
        let start = cursor.index
        switch cursor.current {
        case 0x22:
            let text = cursor.text(of: try cursor.scanString())
            guard text.utf8.count <= Envelope.maximumIDLength else {
                note(.id, at: start, "`id` is longer than \(Envelope.maximumIDLength) bytes")
                return
            }
            id = settled(.string(text))
        case 0x2D, .some(0x30...0x39):
            let literal = try cursor.scanNumber()
            guard let value = Int(String(decoding: cursor.bytes[literal], as: UTF8.self)) else {
                note(.id, at: start, "`id` is not an integer of 64 bits")
                return
            }
            id = settled(.integer(value))
        default:
            try cursor.skipValue()
            note(.id, at: start, "`id` is neither an integer nor a string")
        }
    }

    /// The id, unless what follows shows that it was not read to its end (`01`).
    private mutating func settled(_ id: RequestID) -> RequestID? {
        cursor.skipWhitespace()
        return cursor.current == 0x2C || cursor.current == 0x7D ? id : nil
    }

    private mutating func scanOutcome(_ name: StaticString) throws(JSONError) {
        let start = cursor.index
        let isObject = cursor.current == 0x7B
        try cursor.skipValue()
        if !isObject { note(.response, at: start, "`\(name)` is not an object") }
    }

    /// Decides what the message is, now that all of its members were seen.
    private mutating func settleKind() {
        guard version == true else {
            note(.version, at: 0, "`jsonrpc` is missing; it must be \"2.0\"")
            return
        }
        if methodOffset != nil {
            if let offset = resultOffset ?? errorOffset {
                note(.response, at: offset, "a message with a `method` may have neither `result` nor `error`")
            }
            message.kind = id.map(Envelope.Kind.request) ?? .notification
        } else if resultOffset == nil, errorOffset == nil {
            note(.method, at: 0, "`method` is missing")
        } else if resultOffset != nil, let errorOffset {
            note(.response, at: errorOffset, "a response may not have both `result` and `error`")
        } else if let id {
            message.kind = .response(id)
        } else {
            note(.id, at: 0, "a response needs the `id` of its request")
        }
    }
}
