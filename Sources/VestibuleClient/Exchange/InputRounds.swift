internal import VestibuleProtocol

/// A result that is complete.
struct Completed: Sendable {
    var json: JSONValue
    /// How often the server wanted input before.
    var rounds: Int
    var codec: any EraCodec
}

extension MCPClient {
    /// Sends a request within its time, and whatever the server wants in between, and returns the completed result.
    ///
    /// - Parameter timeout: How long without a sign of progress; by default as configured.
    func exchange(
        _ outgoing: Outgoing, timeout: Duration? = nil, onProgress: ProgressHandler? = nil
    ) async throws -> Completed {
        let timeout = timeout ?? configuration.callTimeout
        let patience = patience(timeout: timeout, maximum: max(timeout, configuration.maximumCallDuration))
        let call = Call(patience: patience, onProgress: onProgress)
        return try await patience.limit(outgoing.inWords) { [self] in try await complete(outgoing, call) }
    }

    /// Goes through as many rounds as the server wants, within the bound, until the result is complete.
    private func complete(_ outgoing: Outgoing, _ call: Call) async throws -> Completed {
        var outgoing = outgoing
        let params = outgoing.params
        var rounds = 0
        while true {
            let delivery = try await deliver(outgoing, call: call)
            let json = try delivery.result(of: outgoing.inWords)
            switch try delivery.codec.read(json, of: outgoing) {
            case .complete(let result): return Completed(json: result, rounds: rounds, codec: delivery.codec)
            case .task(let task):
                let result = try await result(of: task, outgoing, call)
                return Completed(json: result, rounds: rounds, codec: delivery.codec)
            case .inputRequired(let wanted):
                guard rounds < configuration.maximumInputRounds else {
                    throw MCPClientError(
                        .protocolViolation,
                        "\(outgoing.inWords): the server wanted input more than \(configuration.maximumInputRounds) "
                            + "times; raise maximumInputRounds if it is meant to")
                }
                rounds += 1
                call.patience?.pause()
                defer { call.patience?.resume() }
                let responses = try await responses(to: wanted.inputRequests, outgoing, delivery.codec.version)
                // From the first parameters: nothing of one round goes into the next.
                var next = params ?? [:]
                next.add(InputRetry(responses: responses, requestState: wanted.requestState))
                outgoing = outgoing.with(params: next)
            }
        }
    }

    /// Lets the handlers answer, all at once.
    ///
    /// - Throws: ``MCPClientError`` where one cannot: a server may ask only for what was declared.
    func responses(
        to requests: [String: InputRequest], _ outgoing: Outgoing, _ version: ProtocolVersion?
    ) async throws -> JSONObject {
        for request in requests.values {
            guard let refusal = configuration.handlers.refusal(of: request) else { continue }
            throw MCPClientError(
                .protocolViolation, "\(outgoing.inWords): the server asked without leave: \(refusal.message)")
        }
        guard requests.count <= ReplyReader.maximumServerRequests else {
            throw MCPClientError(
                .protocolViolation,
                "\(outgoing.inWords): the server asks more than \(ReplyReader.maximumServerRequests) things at once")
        }
        return try await withThrowingTaskGroup(of: (String, JSONValue).self) { group in
            var waiting = requests.sorted { $0.key < $1.key }[...]
            var answers: [String: JSONValue] = [:]
            func startNext() {
                guard let (key, request) = waiting.popFirst() else { return }
                group.addTask { [configuration] in
                    do {
                        return (key, try await configuration.handlers.answer(request).json(for: version))
                    } catch let error as RPCError {
                        throw MCPClientError(
                            .handler, "\(outgoing.inWords): \(error.message)", rpcError: error)
                    }
                }
            }
            for _ in 0..<ReplyReader.maximumHandlers { startNext() }
            while let (key, answer) = try await group.next() {
                answers[key] = answer
                startNext()
            }
            return JSONObject(answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
    }

    /// Waits for a task of the server to end, and answers what it asks meanwhile.
    private func result(of task: MCPTask, _ outgoing: Outgoing, _ call: Call) async throws -> JSONValue {
        do {
            return try await wait(for: task, outgoing, call)
        } catch {
            // Whoever gives up says so, as far as that can be told in a moment.
            if error is CancellationError || (error as? MCPClientError)?.code == .timeout || Task.isCancelled {
                await Task { [self] in try? await cancelTask(task.id) }.value
            }
            throw error
        }
    }

    /// Waits as long as the server wants between two questions; that is no want of progress.
    private func pause(before task: MCPTask, _ call: Call) async throws {
        call.patience?.pause()
        defer { call.patience?.resume() }
        try await clock.sleep(for: task.pollInterval.map { max($0, .milliseconds(10)) } ?? .seconds(1))
    }

    private func wait(for task: MCPTask, _ outgoing: Outgoing, _ call: Call) async throws -> JSONValue {
        var task = task
        // Answered once: a task shows its questions until it has taken the answers in.
        var answered: Set<ByteKey> = []
        while true {
            try await pause(before: task, call)
            let detailed = try await self.task(task.id, call: call)
            call.patience?.notice()
            task = detailed.task
            switch detailed.outcome {
            case .result(let result): return .object(result)
            case .error(let error): throw MCPClientError(error, of: outgoing.inWords, status: nil)
            case .input(let all):
                let requests = all.filter { !answered.contains(ByteKey($0.key)) }
                guard !requests.isEmpty else { continue }
                guard answered.count + requests.count <= ReplyReader.maximumServerRequests else {
                    throw MCPClientError(
                        .protocolViolation,
                        "\(outgoing.inWords): its task asks more than \(ReplyReader.maximumServerRequests) things")
                }
                call.patience?.pause()
                defer { call.patience?.resume() }
                let responses = try await responses(to: requests, outgoing, .v2026_07_28)
                let update = TaskParams(taskID: task.id, inputResponses: responses)
                _ = try await deliver(
                    .request(MCPMethod.updateTask, params: update.json.object, subject: task.id, phase: .operation),
                    call: call
                )
                .result(of: MCPMethod.updateTask)
                for key in requests.keys { answered.insert(ByteKey(key)) }
            case .none:
                guard task.status != .cancelled else {
                    throw MCPClientError(.serverError, "\(outgoing.inWords): its task was cancelled by the server")
                }
            }
        }
    }
}

extension Outgoing {
    func with(params: JSONObject) -> Outgoing {
        guard case .request(let method, _) = content else { return self }
        var copy = self
        copy.content = .request(method: method, params: params)
        return copy
    }
}
