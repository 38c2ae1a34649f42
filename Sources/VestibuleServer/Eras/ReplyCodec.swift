package import VestibuleProtocol

/// Writes replies as the legacy era has them (2025-03-26 to 2025-11-25).
package enum LegacyCodec {
    package static func message(_ reply: ServerReply, to id: RequestID) -> [UInt8] {
        ReplyWriter.message(reply, to: id) { _, _, _ in }
    }
}

/// Writes replies as the modern era has them (2026-07-28): every result has its type, and says whose it is.
package struct ModernCodec: Sendable {
    /// `_meta` of a result that has none of its own.
    private let meta: JSONObject
    private let writtenMeta: [UInt8]

    package init(_ server: MCPServer) {
        let info = server.info.json(for: .v2026_07_28)
        meta = server.configuration.identifiesItself ? [MetaKey.serverInfo: info] : [:]
        writtenMeta = meta.isEmpty ? [] : Array(#","_meta":"#.utf8) + JSONValue.object(meta).serialized
    }

    package func message(_ reply: ServerReply, to id: RequestID) -> [UInt8] {
        var reply = reply
        switch reply.outcome {
        case .error(var error):
            // Neither code is one of this era.
            if error.code == .resourceNotFound { error.code = .invalidParams }
            if error.code.rawValue == -32042 { error.code = .internalError }
            reply.outcome = .error(error)
        case .result(.object(let result)): reply.outcome = .result(.object(identified(result)))
        case .result(.page), .inputRequired: break
        }
        return ReplyWriter.message(reply, to: id, finishing: finish)
    }

    /// The members that every result has, behind those that it has already.
    private func finish(_ result: JSONObject?, _ cache: CacheHint?, _ writer: inout JSONWriter) {
        if result?["resultType"] == nil {
            if writer.bytes.last != UInt8(ascii: "{") { writer.write(raw: ",") }
            writer.write(raw: #""resultType":"complete""#)
        }
        if let cache {
            writer.write(raw: #","ttlMs":"#)
            writer.write(.integer(cache.ttl.wholeMilliseconds))
            writer.write(raw: #","cacheScope":"#)
            writer.write(string: cache.scope.rawValue)
        }
        if result?["_meta"] == nil { writer.write(raw: writtenMeta) }
    }

    /// With this server's name in its `_meta`, where it has one of its own.
    private func identified(_ result: JSONObject) -> JSONObject {
        guard var own = result["_meta"]?.object else { return result }
        for member in meta.members where own[member.name] == nil { own[member.name] = member.value }
        var result = result
        result["_meta"] = .object(own)
        return result
    }

    /// The HTTP status of a reply (MCP 2026-07-28, Streamable HTTP): that of an unknown method and those of requests
    /// that are not made as this era has them are its own.
    package static func status(of reply: ServerReply) -> Int {
        guard case .error(let error) = reply.outcome else { return 200 }
        switch error.code {
        case .methodNotFound: return 404
        case .headerMismatch, .missingRequiredClientCapability, .unsupportedProtocolVersion: return 400
        default: return 200
        }
    }
}

/// What both codecs write alike.
enum ReplyWriter {
    /// Writes what follows a result's own members, and the caching hint of a page.
    typealias Finish = (_ result: JSONObject?, _ cache: CacheHint?, inout JSONWriter) -> Void

    static func message(_ reply: ServerReply, to id: RequestID, finishing: Finish) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.write(raw: #"{"jsonrpc":"2.0","id":"#)
        writer.write(id.json)
        switch reply.outcome {
        case .error(let error):
            writer.write(raw: #","error":"#)
            writer.write(error.json)
        case .result(.object(let object)):
            writer.write(raw: #","result":"#)
            write(object, &writer, finishing)
        case .inputRequired(let result):
            writer.write(raw: #","result":"#)
            write(result.json(for: .v2026_07_28).object ?? [:], &writer, finishing)
        case .result(.page(let page)):
            writer.write(raw: #","result":{""#)
            writer.write(raw: page.name)
            writer.write(raw: #"":["#)
            for (index, entry) in page.entries.enumerated() {
                if index > 0 { writer.write(raw: ",") }
                writer.write(raw: entry)
            }
            writer.write(raw: "]")
            if let next = page.next {
                writer.write(raw: #","nextCursor":"#)
                writer.write(string: next)
            }
            finishing(nil, page.cache, &writer)
            writer.write(raw: "}")
        }
        writer.write(raw: "}")
        return writer.bytes
    }

    private static func write(_ object: JSONObject, _ writer: inout JSONWriter, _ finishing: Finish) {
        writer.write(raw: "{")
        for (index, member) in object.members.enumerated() {
            if index > 0 { writer.write(raw: ",") }
            writer.write(string: member.name)
            writer.write(raw: ":")
            writer.write(member.value)
        }
        finishing(object, nil, &writer)
        writer.write(raw: "}")
    }
}
