internal import VestibuleProtocol

extension MCPClient {
    /// How long telling the server of an abandoned request may take.
    static let noticeTime = Duration.seconds(1)

    /// Tells the server that nobody waits for the answer any more, so that it need not go on working
    /// (`notifications/cancelled`). Where breaking off the request says so already, nothing is sent.
    ///
    /// Whatever comes of it, the request stays abandoned. `initialize` is never cancelled, and no token is asked for:
    /// without one at hand the server would not heed the notification.
    func giveNotice(of dispatch: Dispatch, _ outgoing: Outgoing, in standing: Standing, because reason: String) async {
        guard let id = dispatch.id, !outgoing.opensSession, !outgoing.isProbe else { return }
        if case .http = link, standing.codec.cancelsByDisconnecting { return }
        let token = tokens?.freshToken
        guard tokens == nil || token != nil, (try? checkOpen()) != nil else { return }
        let params = CancelledParams(requestID: id, reason: reason)
        let notice = Outgoing.notification(MCPMethod.cancelled, params: params.json.object)
        // A task of its own, waited for: the one that gave up is cancelled, and would take the message with it.
        await Task { [self] in
            let patience = Patience(clock: clock, timeout: Self.noticeTime, maximum: Self.noticeTime)
            _ = try? await patience.limit(notice.inWords) { [self] in
                try await send(notice, token: token, standing: standing, attempt: Attempt())
            }
        }
        .value
    }
}
