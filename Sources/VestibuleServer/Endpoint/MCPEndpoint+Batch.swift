internal import VestibuleAuth
internal import VestibuleProtocol

/// Batches, which servers have to take in sessions of 2025-03-26 and in no others (MCP 2025-03-26, Base Protocol).
///
/// Every message of a batch goes through the gate like one that comes alone, and all of them before any is carried out:
/// where one is refused over HTTP, that refusal answers the whole batch and nothing of it was done, so the batch can be
/// sent again as it is. A denial in band is that message's answer among the others.
extension MCPEndpoint {
    /// Whether the body is a batch and comes on a session that knows them.
    func isBatch(_ exchange: Exchange) -> Bool {
        guard MessageBatch.isBatch(exchange.request.body), let id = exchange.sessionID else { return false }
        if case .value(let named) = SingleField(.mcpProtocolVersion, of: exchange.fields),
            !ProtocolVersion(rawValue: named).isLegacy
        {
            return false
        }
        return sessions.use(id)?.version == .v2025_03_26
    }

    func answerBatch(_ batch: inout Exchange) async -> Answer {
        let limits = JSONLimits(maximumSize: configuration.maximumBodySize)
        let messages: [Range<Int>]
        do {
            messages = try MessageBatch.split(batch.request.body, limits: limits)
        } catch {
            return problemOfBody(error, batch)
        }
        var parts: [(exchange: Exchange, envelope: Envelope, denial: Answer?)] = []
        for range in messages {
            var exchange = batch.part(range)
            let envelope: Envelope
            do {
                envelope = try Envelope.scan(exchange.request.body, limits: limits)
            } catch {
                return problemOfBody(error, exchange)
            }
            exchange.envelope = envelope
            exchange.phase = Phase(method: envelope.method)
            let problem = problemOfPart(exchange, envelope)
            let answer = if let problem { problem } else { await admit(&exchange, envelope) }
            guard answer == nil || answer?.status == 200 else {
                batch = exchange
                return answer ?? Answer(500)
            }
            if batch.ignoredToken == nil { batch.ignoredToken = exchange.ignoredToken }
            parts.append((exchange, envelope, answer))
        }
        batch.isRecorded = true
        let first = parts.lazy.compactMap { $0.exchange.rpcID != nil ? $0.exchange : nil }.first
        guard var answered = first, let id = answered.rpcID, parts.contains(where: { server.runsHandler($0.envelope) })
        else { return await answerParts(parts, on: nil) }
        answered.isRecorded = true
        return await reply(to: id, answered) { [parts] reply in await self.answerParts(parts, on: reply) }
    }

    private func answerParts(
        _ parts: [(exchange: Exchange, envelope: Envelope, denial: Answer?)], on reply: ReplyStream?
    ) async -> Answer {
        let bodies = await carryOut(parts, on: reply).compactMap(\.body)
        guard !bodies.isEmpty else { return Answer(202) }
        return .json(200, [UInt8(ascii: "[")] + bodies.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")])
    }

    /// What may come alone, but not in a batch, or not at all.
    private func problemOfPart(_ exchange: Exchange, _ envelope: Envelope) -> Answer? {
        if envelope.claimedVersion != nil {
            let message = "a message that names its revision in params._meta may not be part of a batch"
            return .error(exchange.rpcID, invalidRequest(message, exchange), status: 400)
        }
        guard envelope.method == MCPMethod.initialize else { return problemOfNotification(exchange, envelope) }
        let message = "initialize may not be part of a batch; send it by itself"
        return .error(exchange.rpcID, invalidRequest(message, exchange), status: 400)
    }

    /// Carries the messages out one after the other, so that no more than one answer is made on top of those that are
    /// kept; at ``EndpointConfiguration/maximumBatchAnswer`` the requests that are left are told to come again.
    private func carryOut(
        _ parts: [(exchange: Exchange, envelope: Envelope, denial: Answer?)], on reply: ReplyStream?
    ) async -> [Answer] {
        var answers: [Answer] = []
        var size = 0
        for part in parts {
            let exchange = part.exchange
            let answer: Answer
            if let denial = part.denial {
                answer = denial
            } else if size >= configuration.maximumBatchAnswer, let id = exchange.rpcID {
                answer = leftOut(id, exchange)
            } else if let id = exchange.rpcID {
                answer = await perform(id, exchange, part.envelope, on: reply)
            } else {
                // What is wrong with it would be an answer to nothing.
                answer = Answer(serveWithoutAnswer(exchange, part.envelope).status)
            }
            observe(answer, of: exchange)
            size += answer.body?.count ?? 0
            answers.append(answer)
        }
        return answers
    }

    private func leftOut(_ id: RequestID, _ exchange: Exchange) -> Answer {
        let message =
            "not carried out: the answers of this batch have \(configuration.maximumBatchAnswer) bytes or more already; "
            + "send this request again, by itself or in another batch"
        let data: JSONValue = ["detail": .string(message), "requestId": .string(exchange.requestID)]
        var answer = Answer.error(id, RPCError(413, message, data: data))
        answer.verdict = .failed
        return answer
    }
}
