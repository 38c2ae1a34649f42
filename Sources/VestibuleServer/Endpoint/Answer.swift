internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

/// An answer before the headers that every answer carries, with what the record says of it.
struct Answer {
    var status: Int
    var fields = HTTPFields()
    var body: [UInt8]?
    /// A body that comes bit by bit, in place of ``body``.
    var stream: ByteStream?
    /// Whether the observer is told when the stream has its answer, and not when it begins.
    var isObservedLater = false
    /// Whether the request was cancelled, so that its client waits for no answer: a stream ends without one.
    var isWithdrawn = false
    var verdict = RequestRecord.Verdict.admitted
    var reason: Reason?
    var detail: String?

    init(_ status: Int) {
        self.status = status
    }
}

extension Answer {
    /// JSON.
    static func json(_ status: Int, _ bytes: [UInt8]) -> Answer {
        var answer = Answer(status)
        answer.fields[.contentType] = "application/json"
        answer.body = bytes
        return answer
    }

    /// A stream of events. Proxies are asked to hand them on as they come.
    static func events(_ stream: ByteStream) -> Answer {
        var answer = Answer(200)
        answer.fields[.contentType] = "text/event-stream"
        answer.fields[.xAccelBuffering] = "no"
        answer.stream = stream
        return answer
    }

    /// The result of a request.
    static func result(_ id: RequestID, _ write: (inout JSONWriter) -> Void) -> Answer {
        var writer = JSONWriter(capacity: 512)
        writer.write(raw: #"{"jsonrpc":"2.0","id":"#)
        writer.write(id.json)
        writer.write(raw: #","result":"#)
        write(&writer)
        writer.write(raw: "}")
        return .json(200, writer.bytes)
    }

    /// A JSON-RPC error for a request that passed the gate. HTTP 200: in the legacy era a 404 would end the session.
    static func error(_ id: RequestID?, _ error: RPCError, status: Int = 200) -> Answer {
        var answer = Answer.json(status, RPCMessage.error(id: id, error).json.serialized)
        answer.verdict = status == 200 ? .admitted : .failed
        answer.detail = error.message
        return answer
    }

    /// What the router made of a request that passed the gate.
    static func reply(_ message: [UInt8], _ reply: ServerReply, status: Int = 200) -> Answer {
        var answer = Answer.json(status, message)
        answer.verdict = reply.isFault || status != 200 ? .failed : .admitted
        answer.detail = reply.detail
        if case .error(let error) = reply.outcome { answer.isWithdrawn = error.code.rawValue == 499 }
        return answer
    }

    /// What is wrong with the HTTP around a message: the code is the status.
    static func failure(_ status: Int, _ message: String, id: RequestID? = nil, requestID: String) -> Answer {
        let data: JSONValue = ["detail": .string(message), "requestId": .string(requestID)]
        return .error(id, RPCError(RPCError.Code(rawValue: status), message, data: data), status: status)
    }
}
