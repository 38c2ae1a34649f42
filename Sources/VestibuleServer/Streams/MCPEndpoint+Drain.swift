extension MCPEndpoint {
    /// How long a peer may take nothing of what is ready for it, for carriers to keep.
    public var streamStall: Duration { configuration.streams.stall }

    /// The server begins to shut down: streams that would never end by themselves end now, and none begins. Calls go on.
    /// Does not wait.
    public func drain() { longStreams.drain() }

    /// Waits for the calls that run now, also for those whose client has gone.
    public func callsFinished() async {
        await withTaskCancellationHandler {
            await replies.finished()
        } onCancel: {
            cancelCalls()
        }
    }

    /// Cancels the calls that run now.
    public func cancelCalls() { replies.cancelAll() }
}
