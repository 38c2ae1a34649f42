public import VestibuleProtocol

extension RequestContext {
    /// Has the client's model say something (MCP, Sampling).
    ///
    /// - Parameter key: names the question among those of one call. Without one, questions are told apart by their order,
    ///   so a handler that asks in an order that may change names them.
    /// - Throws: ``MissingClientCapability``; ``InputRequired``, which has to pass through the handler.
    public func sample(_ params: CreateMessageParams, key: String? = nil) async throws -> CreateMessageResult {
        try await answer(to: .sampling(params), key) { json throws(MalformedMessage) in
            try CreateMessageResult(json: json)
        }
    }

    /// Asks the person at the client, by a form or a page (MCP, Elicitation).
    ///
    /// - Parameter key: see ``sample(_:key:)``.
    /// - Throws: ``MissingClientCapability``; ``InputRequired``, which has to pass through the handler.
    public func elicit(_ params: ElicitationParams, key: String? = nil) async throws -> ElicitationResult {
        try await answer(to: .elicitation(params), key) { json throws(MalformedMessage) in
            try ElicitationResult(json: json)
        }
    }

    /// The folders that the client lets the server work in (MCP, Roots).
    ///
    /// - Parameter key: see ``sample(_:key:)``.
    /// - Throws: ``MissingClientCapability``; ``InputRequired``, which has to pass through the handler.
    public func roots(key: String? = nil) async throws -> [Root] {
        try await answer(to: .roots, key) { json throws(MalformedMessage) in try ListRootsResult(json: json).roots }
    }

    /// Asks several questions at once.
    ///
    /// - Returns: the client's results, by the keys of the questions.
    /// - Throws: ``MissingClientCapability``; ``InputRequired``, which has to pass through the handler.
    public func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        guard !questions.isEmpty else { return [:] }
        if let missing = clientCapabilities.missing(for: questions.values) { throw missing }
        if let problem = questions.values.lazy.compactMap({ $0.problem(in: protocolVersion) }).first {
            throw CannotAsk("the client cannot be asked this: \(problem)")
        }
        // Whoever is asked may take their time; it is not the handler's.
        running?.hold()
        defer { running?.goOn() }
        return try await link.ask(questions)
    }

    private func answer<Answer>(
        to question: InputRequest, _ key: String?, _ read: (JSONValue) throws(MalformedMessage) -> Answer
    ) async throws -> Answer {
        let key = key ?? link.nextKey(for: question.method)
        guard let json = try await ask([key: question])[key] else {
            throw MalformedAnswer("the client left the question \(key) unanswered")
        }
        do {
            return try read(json)
        } catch {
            throw MalformedAnswer("the client's answer to \(question.method) is not one: \(error)")
        }
    }
}

extension InputRequest {
    /// Why that revision cannot carry the question.
    func problem(in version: ProtocolVersion) -> String? {
        if case .elicitation(let params) = self { params.problem(in: version) } else { nil }
    }
}

extension ClientCapabilities {
    /// What the questions need and the client did not declare.
    func missing(for questions: some Sequence<InputRequest>) -> MissingClientCapability? {
        var needed = ClientCapabilities()
        for question in questions { needed.add(question.neededCapability) }
        guard let missing = missing(needed) else { return nil }
        let names = [
            missing.elicitation.map { $0.url ? "elicitation by URL" : "elicitation" },
            missing.sampling.map { $0.tools ? "sampling with tools" : "sampling" },
            missing.roots.map { _ in "roots" },
        ]
        let list = names.compactMap(\.self).joined(separator: " and ")
        return MissingClientCapability(
            missing, "this needs a client with \(list), which this one did not declare among its capabilities")
    }

    private mutating func add(_ other: ClientCapabilities) {
        if let other = other.roots { roots = roots ?? other }
        if let other = other.sampling {
            sampling = Sampling(
                context: other.context || sampling?.context == true, tools: other.tools || sampling?.tools == true)
        }
        if let other = other.elicitation {
            elicitation = Elicitation(
                form: other.form || elicitation?.form == true, url: other.url || elicitation?.url == true)
        }
    }
}
