internal import HTTPTypes
internal import VestibuleProtocol

/// Why a token endpoint gave no token.
enum TokenEndpointFailure: Error, Sendable {
    /// It said no (RFC 6749 §5.2).
    case refused(OAuthErrorReply, MCPClientError)
    /// It cannot be reached, or its answer is none: nothing is known of the grant.
    case failed(MCPClientError)

    var error: MCPClientError {
        switch self {
        case .refused(_, let error), .failed(let error): error
        }
    }
}

/// Asks a token endpoint (RFC 6749 §3.2).
struct TokenEndpoint: Sendable {
    let http: OAuthHTTP
    let clock: any WallClock
    let random: RandomSource
    /// Where tokens are bound to a key.
    let dpop: DPoPProver?

    /// The largest answer that is read: 256 KiB.
    static let maximumReplySize = 256 * 1024

    /// - Parameters:
    ///   - grant: The parameters of the grant.
    ///   - audience: The issuer.
    ///   - offered: The authentication methods that the endpoint takes; `nil` where nobody says.
    /// - Throws: ``TokenEndpointFailure``, or `CancellationError`.
    func ask(
        _ url: String, grant: [(name: String, value: String)], client: OAuthClient, audience: String,
        offered: [String]?,
        isExchange: Bool = false
    ) async throws -> TokenReply {
        let shown = "the token endpoint \(url.shownURL)"
        var mayRetry = dpop != nil && !isExchange
        while true {
            let reply: BoundedExchange.Reply
            do {
                let request = try request(
                    url, grant: grant, client: client, audience: audience, offered: offered, isExchange: isExchange)
                reply = try await http.run(request, limit: Self.maximumReplySize, shown)
            } catch let error as MCPClientError {
                throw TokenEndpointFailure.failed(error)
            }
            let gaveNonce = dpop?.learn(from: reply.fields, at: url) ?? false
            let json = try? http.json(reply.body, shown)
            guard reply.status == 200 else {
                let refusal = OAuthErrorReply(json)
                if refusal?.error == "use_dpop_nonce", gaveNonce, mayRetry {
                    mayRetry = false
                    continue
                }
                throw Self.explain(reply.status, refusal, shown)
            }
            do {
                return try TokenReply(try http.json(reply.body, shown), shown, isExchange: isExchange)
            } catch {
                throw TokenEndpointFailure.failed(error)
            }
        }
    }

    private func request(
        _ url: String, grant: [(name: String, value: String)], client: OAuthClient, audience: String,
        offered: [String]?,
        isExchange: Bool
    ) throws(MCPClientError) -> TransportRequest {
        var form = grant
        var fields = HTTPFields()
        try ClientAuthentication.apply(
            client, offered: offered, audience: audience, now: clock.now(), random: random, to: &form, &fields)
        fields[.accept] = "application/json"
        fields[.contentType] = "application/x-www-form-urlencoded"
        if let dpop, !isExchange {
            fields.append(try dpop.field(method: .post, url: url, token: nil, now: clock.now(), random: random))
        }
        return TransportRequest(
            method: .post, url: url, fields: fields, body: FormEncoding.encode(form), timeout: http.timeout)
    }

    private static func explain(_ status: Int, _ refusal: OAuthErrorReply?, _ shown: String) -> TokenEndpointFailure {
        if let refusal, (400..<500).contains(status) {
            return .refused(refusal, MCPClientError(.unauthorized, "\(shown) refused: \(refusal.inWords)"))
        }
        if (300..<400).contains(status) {
            return .failed(.signInFailed("\(shown) answered with a redirect (HTTP \(status)), which is not followed"))
        }
        return .failed(.signInFailed("\(shown) answered with HTTP \(status); try again later"))
    }
}
