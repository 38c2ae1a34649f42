internal import HTTPTypes
internal import VestibuleProtocol

/// Carries messages over HTTP: each in a POST of its own, answered by JSON or by a stream of events.
struct HTTPLink: Sendable {
    /// Of a refusal this much is read.
    private static let maximumRefusalSize = 64 * 1024

    let transport: any HTTPTransport

    /// - Throws: ``TransportError``, ``MCPClientError``, `CancellationError`.
    func exchange(
        _ client: MCPClient, _ dispatch: Dispatch, _ outgoing: Outgoing, token: AccessToken?, standing: Standing,
        call: Call, record: inout ClientRequestRecord
    ) async throws -> Outcome {
        let response: TransportResponse
        switch try await open(client, dispatch, outgoing, token: token, standing: standing) {
        case .opened(let opened): response = opened
        case .refused(let refusal):
            record.status = refusal.status
            return .refused(refusal)
        }
        record.status = response.status
        var answered = Answered(fields: response.fields, status: response.status)
        guard let id = dispatch.id, response.status != 202, response.status != 204 else {
            _ = await response.beginning(upTo: Self.maximumRefusalSize)
            return .answered(answered)
        }
        let reader = client.reader(for: outgoing.inWords, id, standing: standing, call: call)
        var end = try await reader.read(response)
        var resumption = Resumption(maximum: client.configuration.maximumResumptions)
        while true {
            switch end {
            case .answered(let answer):
                answered.answer = answer
                return .answered(answered)
            case .interrupted(let position, let error):
                resumption.note(position)
                guard standing.codec.resumesStreams, resumption.lastEventID != nil else {
                    throw error ?? TransportError(.unknown, "the event stream ended before the answer came")
                }
                end = try await resume(client, outgoing, &resumption, standing: standing, reader: reader)
            }
        }
    }

    /// Takes up a stream after its last event.
    private func resume(
        _ client: MCPClient, _ outgoing: Outgoing, _ resumption: inout Resumption, standing: Standing,
        reader: ReplyReader
    ) async throws -> ReadingEnd {
        while true {
            guard let wait = resumption.next() else {
                throw TransportError(
                    .unknown, "the event stream broke, and could not be taken up again in \(resumption.tries) tries")
            }
            try await client.clock.sleep(for: wait)
            switch try await client.openStream(after: resumption.lastEventID, standing: standing, resumption.occasion) {
            case .opened(let response):
                return try await reader.read(response)
            case .refused(let refusal):
                guard let delay = refusal.mayHelpToWait else {
                    throw TransportError(
                        .unknown, "the event stream broke, and to take it up again was refused: \(refusal.excerpt)")
                }
                resumption.delay(delay)
            case nil:
                break
            }
        }
    }

    /// What came of one HTTP request until its head was here.
    enum Opening: Sendable {
        case opened(TransportResponse)
        case refused(Refusal)
    }

    func open(
        _ client: MCPClient, _ dispatch: Dispatch, _ outgoing: Outgoing, token: AccessToken?, standing: Standing
    ) async throws -> Opening {
        var request = request(client, dispatch, outgoing, standing: standing)
        let authorizer = token == nil ? nil : client.tokens?.authorizer
        if let token { try await authorizer?.authorize(&request, with: token.presented) }
        let response = try await transport.send(request)
        let proofIsStale = authorizer?.learn(from: response.status, response.fields, to: request) ?? false
        if let date = response.fields[.date].flatMap(HTTPDate.parse) { client.tokens?.observe(serverDate: date) }
        guard (200..<300).contains(response.status) else {
            let body = await response.beginning(upTo: Self.maximumRefusalSize)
            var refusal = Refusal(
                status: response.status, fields: response.fields, body: body, tokenSent: token != nil)
            refusal.proofIsStale = proofIsStale
            // Without a session none can be lost: nobody is at home, or the method is not there.
            if response.status == 404, standing.sessionID == nil, !refusal.isInOurWords { refusal.rejection = nil }
            return .refused(refusal)
        }
        return .opened(response)
    }

    private func request(
        _ client: MCPClient, _ dispatch: Dispatch, _ outgoing: Outgoing, standing: Standing
    ) -> TransportRequest {
        let configuration = client.configuration
        var fields = dispatch.fields
        fields[.accept] =
            outgoing.httpMethod == .get ? "text/event-stream" : "application/json, text/event-stream"
        fields[.userAgent] = configuration.userAgent
        if dispatch.message != nil { fields[.contentType] = "application/json" }
        if let id = standing.sessionID {
            var field = HTTPField(name: .mcpSessionID, value: id)
            field.indexingStrategy = .disallow
            fields.append(field)
        }
        return TransportRequest(
            method: outgoing.httpMethod, url: client.url, fields: fields,
            body: dispatch.message?.json.serialized ?? [], timeout: outgoing.timeLimit(configuration))
    }
}

extension Outgoing {
    /// The last resort of the transport; whoever waits gives up earlier. A stream of its own has no end.
    fileprivate func timeLimit(_ configuration: MCPClientConfiguration) -> Duration {
        switch content {
        case .stream: .seconds(365 * 86_400)
        case .request(MCPMethod.listen, _): .seconds(365 * 86_400)
        default: max(configuration.callTimeout, configuration.maximumCallDuration)
        }
    }
}

extension Refusal {
    /// How long to wait before another try, where a stream is refused for the moment only.
    var mayHelpToWait: Duration? {
        switch status {
        case 429, 500...599: retryAfter.map { $0.wait(serverTime: NumericDate(0)) } ?? .zero
        default: nil
        }
    }
}
