public import VestibuleProtocol

extension RequestContext {
    /// Tells the client how far the work is (MCP, Progress), if it wants to know.
    ///
    /// What does not go beyond what was told before is left out, and so is what comes too fast: of more than
    /// ``MCPServerConfiguration/progressPerSecond`` in a second only those are sent that reach the total.
    ///
    /// Of a call that has become a task the message becomes the task's status, and the numbers are told to nobody.
    ///
    /// - Parameters:
    ///   - progress: how far, in whatever unit; grows with each call.
    ///   - total: how far it will go, where that is known.
    public func report(progress: Double, total: Double? = nil, message: String? = nil) async {
        if let task = (link as? TaskLink)?.task {
            // The call was answered with the handle, and its token is spoken of no longer.
            if let message { task.say(message) }
            return
        }
        guard let meter = self.progress, let params = meter.params(progress, total: total, message: message) else {
            return
        }
        await link.notify(MCPMethod.progress, params)
    }

    /// Sends a log message to the client (MCP, Logging), if it wants messages of that level.
    ///
    /// Never put credentials or personal data into one.
    ///
    /// - Parameter logger: who speaks, within the server.
    public func log(_ level: LogLevel, _ data: JSONValue, logger: String? = nil) async {
        guard logging.admits(level) else { return }
        let params = LoggingMessageParams(level: level, logger: logger, data: data)
        guard let object = params.json.object else { return }
        await link.notify(MCPMethod.message, object)
    }

    /// Lets the client hang up and come back for the answer later, where the protocol knows how (2025-11-25); elsewhere
    /// this does nothing.
    ///
    /// - Parameter retryAfter: when it is to come back.
    public func closeStream(retryAfter: Duration? = nil) async {
        await link.closeStream(retryAfter: retryAfter)
    }
}

/// From which level on a request's client wants log messages.
package enum LogThreshold: Sendable {
    /// None: a modern request that names no level, a server that offers no logging.
    case off
    case from(LogLevel)
    /// As the session's `logging/setLevel` said last; before that from this level.
    case session(SessionState, initially: LogLevel)

    func admits(_ level: LogLevel) -> Bool {
        switch self {
        case .off: false
        case .from(let lowest): level >= lowest
        case .session(let session, let initial): level >= session.logLevel ?? initial
        }
    }
}
