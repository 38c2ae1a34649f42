internal import VestibuleProtocol

extension MCPServer {
    /// Bytes of the longest URI that is looked up.
    static let maximumURILength = 8 << 10

    func readResource(_ call: ServerCall, _ offer: ServerOffer) async -> ServerReply {
        let uri: String
        let round: InputRound?
        do {
            uri = try call.uri()
            round = try self.round(of: call, arguments: nil)
        } catch {
            return ServerReply(.error(error), detail: error.message)
        }
        if let served = offer.resources[uri] {
            let read = served.read
            let outcome = await run(call, round: round) { .contents(try await read($0)) }
            return contents(outcome, served.cache, uri, call, round) ?? notFound(uri, call)
        }
        for entry in offer.templates.entries {
            guard let variables = entry.item.variables(in: uri) else { continue }
            let read = entry.item.served.read
            let outcome = await run(call, round: round) { .contents(try await read(uri, variables, $0)) }
            if let reply = contents(outcome, entry.item.served.cache, uri, call, round) { return reply }
        }
        return notFound(uri, call)
    }

    /// The reply, or `nil` where there was nothing to read.
    private func contents(
        _ outcome: HandlerOutcome, _ cache: CacheHint, _ uri: String, _ call: ServerCall, _ round: InputRound?
    ) -> ServerReply? {
        guard case .result(.contents(let contents)) = outcome else { return reply(outcome, to: call, round: round) }
        guard let contents, !contents.isEmpty else { return nil }
        var cache = cache
        if call.isForCallerOnly { cache.scope = .private }
        let result = ReadResourceResult(contents: contents, cache: cache)
        return .result(.object(result.json(for: call.version).object ?? [:]))
    }

    private func notFound(_ uri: String, _ call: ServerCall) -> ServerReply {
        .error(
            call.isModern ? .invalidParams : .resourceNotFound,
            "there is no resource \(uri.onShownLine); resources/list and resources/templates/list say which there are",
            data: ["uri": .string(uri)])
    }

    // MARK: - Subscriptions of a session

    func subscribe(_ call: ServerCall, _ offer: ServerOffer) -> ServerReply {
        guard let session = call.session else { return unknownMethod(call) }
        do {
            let uri = try call.uri()
            let isKnown =
                offer.resources.contains(uri) || offer.templates.entries.contains { $0.item.variables(in: uri) != nil }
            guard isKnown else { return notFound(uri, call) }
            guard session.subscribe(to: uri) else {
                return .error(
                    .invalidParams,
                    "this session is subscribed to \(configuration.maximumSubscriptions) resources already; "
                        + "end a subscription first")
            }
            return .result(.object([:]))
        } catch {
            return ServerReply(.error(error), detail: error.message)
        }
    }

    func unsubscribe(_ call: ServerCall) -> ServerReply {
        guard let session = call.session else { return unknownMethod(call) }
        do {
            session.unsubscribe(from: try call.uri())
            return .result(.object([:]))
        } catch {
            return ServerReply(.error(error), detail: error.message)
        }
    }
}

extension ServerCall {
    /// `params.uri`, checked: absolute (RFC 3986), of bounded length, and as a `file:` URI without a way up.
    func uri() throws(RPCError) -> String {
        guard let uri = envelope.uri else {
            throw RPCError(.invalidParams, "\(envelope.method) needs params.uri, a string")
        }
        guard uri.utf8.count <= MCPServer.maximumURILength else {
            throw RPCError(
                .invalidParams, "params.uri has \(uri.utf8.count) bytes; at most \(MCPServer.maximumURILength) are read"
            )
        }
        guard ResourceURI.isAbsolute(uri) else {
            throw RPCError(.invalidParams, "params.uri is not an absolute URI", data: ["uri": .string(uri)])
        }
        guard !ResourceURI.climbs(uri) else {
            throw RPCError(
                .invalidParams, "params.uri has a path that leads upwards (`..`); name the file by its own path",
                data: ["uri": .string(uri)])
        }
        return uri
    }
}

/// What a resource's URI has to be before anybody looks it up (RFC 3986).
enum ResourceURI {
    /// A scheme, a colon and more, without white space or control characters.
    static func isAbsolute(_ uri: String) -> Bool {
        guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")), let first = uri.utf8.first,
            isLetter(first), uri.utf8.index(after: colon) < uri.utf8.endIndex
        else { return false }
        let isSchemeByte: (UInt8) -> Bool = {
            isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E
        }
        return uri.utf8[..<colon].allSatisfy(isSchemeByte) && uri.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// Whether a `file:` URI has a segment `..`, be it percent-encoded, or with the other slash.
    static func climbs(_ uri: String) -> Bool {
        guard uri.prefix(5).asciiLowercasedIsFile else { return false }
        let bytes = decoded(uri.utf8)
        return bytes.split(omittingEmptySubsequences: false) { $0 == 0x2F || $0 == 0x5C }
            .contains { $0.elementsEqual([0x2E, 0x2E]) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    private static func decoded(_ text: String.UTF8View) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

extension Substring {
    fileprivate var asciiLowercasedIsFile: Bool { String(self).asciiLowercased.hasSameBytes(as: "file:") }
}
