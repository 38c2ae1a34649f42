internal import Synchronization
internal import VestibuleProtocol

/// One request to a server and what comes back.
public final class WireExchange: Sendable {
    private let messages: [JSONValue]
    private let session: String?
    private let server: Int?
    private let version: ProtocolVersion
    private let isHandshake: Bool
    /// Whether `MCP-Protocol-Version` names something else than a legacy revision.
    private let isHeaderForeign: Bool
    /// The methods that were asked, by their ids.
    private let methods: [RequestID: String]
    private let events = Mutex(ServerSentEventParser())

    init(_ body: [UInt8], session: String?, header: String?, server: Int?) {
        self.server = server
        let json = try? JSONValue(parsing: body)
        messages = json.map { $0.array ?? [$0] } ?? []
        self.session = session
        var methods: [RequestID: String] = [:]
        for message in messages {
            guard let id = message["id"].flatMap(RequestID.init), let method = message["method"]?.string else {
                continue
            }
            // Which of two requests of one id is answered cannot be known.
            methods[id] = methods[id] == nil ? method : "\(method) or another"
        }
        self.methods = methods
        isHeaderForeign = header.map { !ProtocolVersion(rawValue: $0).isLegacy } ?? false
        isHandshake = methods.values.contains(MCPMethod.initialize)
        version = Self.version(
            of: messages, session: session.map { WireCheck.SessionKey(server: server, id: ByteKey($0)) }, header: header
        )
    }

    /// The revision that a request is of: the one that it names, else that of its session, else that of its header.
    private static func version(
        of messages: [JSONValue], session: WireCheck.SessionKey?, header: String?
    ) -> ProtocolVersion {
        for message in messages {
            if let claim = message["params"]?["_meta"]?[MetaKey.protocolVersion]?.string {
                let claimed = ProtocolVersion(rawValue: claim)
                return ProtocolVersion.modern.contains(claimed) ? claimed : .latest
            }
            if message["method"]?.string == MCPMethod.initialize {
                let asked = ProtocolVersion(rawValue: message["params"]?["protocolVersion"]?.string ?? "")
                return .negotiated(with: asked)
            }
        }
        if let session, let version = WireCheck.withKnown({ $0.versions[session] }) { return version }
        let named = header.map { ProtocolVersion(rawValue: $0) }
        // A modern header without a claim is answered in the terms of the modern era.
        return named.flatMap { ProtocolVersion.supported.contains($0) ? $0 : nil } ?? .v2025_03_26
    }

    private func key(_ session: String) -> WireCheck.SessionKey {
        WireCheck.SessionKey(server: server, id: ByteKey(session))
    }

    func judgeClient() {
        for message in messages {
            var answered: String?
            if message["method"] == nil, let session, let id = message["id"].flatMap(RequestID.init) {
                let question = WireCheck.Question(session: key(session), id: id)
                answered = WireCheck.withKnown { $0.questions[question] }
            }
            WireCheck.judge(message, from: .client, version, answering: answered)
        }
    }

    /// Judges an answer that is here as a whole.
    public func answer(_ body: [UInt8], contentType: String?, session: String? = nil) {
        if contentType?.hasPrefix("text/event-stream") == true { return piece(body, session: session) }
        guard contentType?.hasPrefix("application/json") == true, let json = try? JSONValue(parsing: body) else {
            return
        }
        for message in json.array ?? [json] { judgeServer(message, session: session) }
    }

    /// Judges the events that a piece of a stream completes.
    public func piece(_ bytes: [UInt8], session: String? = nil) {
        let complete = events.withLock { parser in (try? parser.push(bytes)) ?? [] }
        for event in complete {
            guard let json = try? JSONValue(parsing: Array(event.data.utf8)) else { continue }
            for message in json.array ?? [json] { judgeServer(message, session: session) }
        }
    }

    private func judgeServer(_ message: JSONValue, session newSession: String?) {
        // Answers of the routes beside the endpoint are no messages.
        guard message["jsonrpc"] != nil || message["method"] != nil || !methods.isEmpty else { return }
        var version = version
        if isHandshake, let text = message["result"]?["protocolVersion"]?.string {
            let negotiated = ProtocolVersion(rawValue: text)
            if ProtocolVersion.supported.contains(negotiated) { version = negotiated }
            if let newSession { WireCheck.withKnown { $0.versions[key(newSession)] = version } }
        }
        // What a header asks for that the legacy era does not have is refused in the terms of the modern one.
        if let code = message["error"]?["code"]?.integer, (-32_022 ... -32_020).contains(code), isHeaderForeign {
            version = .latest
        }
        let id = message["id"].flatMap(RequestID.init)
        if let id, let session, let method = message["method"]?.string {
            WireCheck.withKnown { $0.questions[WireCheck.Question(session: key(session), id: id)] = method }
        }
        WireCheck.judge(message, from: .server, version, answering: id.flatMap { methods[$0] })
    }

    /// Notes what a server that is not judged answers.
    func note(_ body: [UInt8], contentType: String?, session newSession: String?) {
        var parser = ServerSentEventParser()
        let isStream = contentType?.hasPrefix("text/event-stream") == true
        let texts = isStream ? ((try? parser.push(body)) ?? []).map { Array($0.data.utf8) } : [body]
        for json in texts.compactMap({ try? JSONValue(parsing: $0) }) {
            for message in json.array ?? [json] {
                if let id = message["id"].flatMap(RequestID.init), let session, let method = message["method"]?.string {
                    WireCheck.withKnown {
                        $0.questions[WireCheck.Question(session: key(session), id: id)] = method
                    }
                }
                guard isHandshake, let newSession, let text = message["result"]?["protocolVersion"]?.string else {
                    continue
                }
                WireCheck.withKnown { $0.versions[key(newSession)] = ProtocolVersion(rawValue: text) }
            }
        }
    }
}
