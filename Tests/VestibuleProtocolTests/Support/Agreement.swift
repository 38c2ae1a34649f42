import VestibuleProtocol

/// Whether the envelope scan and the tree parser say the same of some bytes.
enum Agreement {
    /// Where they differ, in one line; `nil` where they agree.
    static func problem(_ body: [UInt8]) -> String? {
        let tree = Result { () throws(JSONError) in try JSONParser().parse(body) }
        let scan = Result { () throws(EnvelopeError) in try Envelope.scan(body) }
        switch (tree, scan) {
        case (.failure(let tree), .success): return "the scan accepts what the parser refuses: \(tree)"
        case (.failure(let tree), .failure(let scan)):
            guard tree.offset == scan.offset, scan.reason.hasSuffix(tree.message) else { return "\(tree) | \(scan)" }
            return nil
        case (.success(let value), .failure(let scan)):
            let isAboutText = [.notJSON, .tooDeep, .tooLarge, .numberTooLong].contains(scan.code)
            guard !isAboutText else { return "the scan refuses the text that the parser accepts: \(scan)" }
            if scan.code == .duplicateMember { return hasDuplicate(value) ? nil : "no duplicate: \(scan)" }
            // Only about these is the scan stricter than the reader of whole messages.
            let isStricter = [.id, .method, .meta, .response].contains(scan.code)
            return isStricter || RPCMessage(json: value) == nil ? nil : "the scan refuses a message: \(scan)"
        case (.success(let value), .success(let envelope)):
            return problem(value, envelope, body)
        }
    }

    private static func problem(_ value: JSONValue, _ envelope: Envelope, _ body: [UInt8]) -> String? {
        guard !hasDuplicate(value) else { return "the scan accepts a duplicate" }
        guard let message = RPCMessage(json: value) else {
            // The scan looks at no error object closely.
            return value["error"] == nil ? "the scan accepts what is no message" : nil
        }
        func read(_ range: Range<Int>?) -> JSONValue? { range.flatMap { try? JSONParser().parse(body[$0]) } }
        func notNull(_ value: JSONValue?) -> JSONValue? { value?.isNull == true ? nil : value }
        let params = value["params"]
        let same =
            value["method"]?.string ?? "" == envelope.method
            && value["id"].flatMap(RequestID.init) == envelope.requestID
            && params == read(envelope.params) && params?["name"]?.string == envelope.name
            && params?["uri"]?.string == envelope.uri && notNull(params?["arguments"]) == read(envelope.arguments)
            && notNull(params?["_meta"]) == read(envelope.meta)
            && params?["_meta"]?["io.modelcontextprotocol/protocolVersion"]?.string == envelope.claimedVersion
        return same ? nil : "the scan found something else than the parser: \(envelope) in \(message)"
    }

    private static func hasDuplicate(_ value: JSONValue) -> Bool {
        [value, value["params"], value["params"]?["_meta"]].contains { $0?.object?.firstDuplicate != nil }
    }
}
