internal import HTTPTypes
internal import Synchronization
internal import VestibuleClient
internal import VestibuleProtocol
internal import VestibuleServer

/// One request of the demonstration, as both ends saw it.
struct DemoRequest: Sendable {
    /// What the server made of it.
    var server: RequestRecord
    /// Which token really went over the wire: 1 for the first that was seen, 2 for the next; `nil` for none.
    var token: Int?
    /// The fingerprint of the key that the sender signed that token with.
    var keyFingerprint: String?
    /// What happened between the request before and this one, for the reader.
    var event: String?
}

/// Everything that was sent, in order.
final class DemoTraffic: Sendable {
    /// Tells tokens apart without keeping them, however large they are.
    private struct TokenMark: Hashable {
        private let hash: Int

        init(_ token: String) {
            hash = ByteKey(token).hashValue
        }
    }

    private struct State {
        var sent: [(requestID: String?, token: TokenMark?, event: String?)] = []
        var answered: [String: RequestRecord] = [:]
        var signedBy: [TokenMark: String] = [:]
        var event: String?
    }
    private let state = Mutex(State())

    /// Remembers who signed a token that is about to be used.
    func note(token: String, signedBy fingerprint: String) {
        state.withLock { $0.signedBy[TokenMark(token)] = fingerprint }
    }

    /// Says what happens before the next request.
    func note(event: String) {
        state.withLock { $0.event = event }
    }

    func observe(_ record: RequestRecord) {
        state.withLock { $0.answered[record.requestID] = record }
    }

    /// Remembers what went over the wire: with which token, and which id the answer carried.
    func sent(token: String?, requestID: String?) {
        state.withLock { state in
            state.sent.append((requestID, token.map(TokenMark.init), state.event))
            state.event = nil
        }
    }

    var requests: [DemoRequest] {
        state.withLock { state in
            var seen: [TokenMark] = []
            return state.sent.compactMap { sent in
                guard let record = sent.requestID.flatMap({ state.answered[$0] }) else { return nil }
                if let token = sent.token, !seen.contains(token) { seen.append(token) }
                let ordinal = sent.token.flatMap { seen.firstIndex(of: $0) }.map { $0 + 1 }
                return DemoRequest(
                    server: record, token: ordinal, keyFingerprint: sent.token.flatMap { state.signedBy[$0] },
                    event: sent.event)
            }
        }
    }
}

/// A transport that records what it carries. It stands below the client, so it sees what is really sent.
struct RecordingTransport: HTTPTransport {
    var base: any HTTPTransport
    var traffic: DemoTraffic
    /// Replaces the token of a request, or takes it off.
    var rewriteToken: @Sendable (String?) -> String? = { $0 }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        var request = request
        let token = rewriteToken(request.fields[.authorization].map { String($0.dropFirst("Bearer ".count)) })
        request.fields[.authorization] = token.map { "Bearer \($0)" }
        let response = try await base.send(request)
        let requestID = HTTPField.Name(MCPHeader.requestID).flatMap { response.fields[$0] }
        traffic.sent(token: token, requestID: requestID)
        return response
    }
}
