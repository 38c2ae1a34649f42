internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol
internal import VestibuleWeb

/// Asks an issuer about tokens (RFC 7662 §2.1), as the client that is registered there for this server.
struct IntrospectionClient: Sendable {
    /// Where to ask.
    var endpoint: @Sendable () async throws -> String
    var clientID: String
    var secret: ClientSecret
    var authentication: ClientAuthentication
    /// Follows no redirect.
    var transport: any HTTPTransport
    /// Measures how long an answer takes; not for what the time is.
    var clock: any WallClock = SystemClock()

    /// - Throws: ``IssuerFailure`` where there is no answer, or `CancellationError`.
    func ask(_ token: String) async throws -> IntrospectionReply {
        let url = try await endpoint()
        let exchange = BoundedExchange(transport: transport, clock: clock, limit: IntrospectionReply.maximumSize)
        do {
            let reply = try await exchange.run(request(token, to: url), shown(url))
            return IntrospectionReply(status: reply.status, body: reply.body)
        } catch let failure as BoundedExchange.Failure {
            throw IssuerFailure(
                failure.cause == .tooLarge
                    ? "\(shown(url)) answered more than \(IntrospectionReply.maximumSize) bytes" : failure.message)
        }
    }

    private func request(_ token: String, to url: String) -> TransportRequest {
        var form = [(name: "token", value: token), (name: "token_type_hint", value: "access_token")]
        var fields = HTTPFields()
        if authentication == .post {
            form += [("client_id", clientID), ("client_secret", secret.text)]
        } else {
            var field = HTTPField(name: .authorization, value: FormEncoding.basic(clientID, secret.text))
            field.indexingStrategy = .disallow
            fields.append(field)
        }
        fields[.accept] = "application/json"
        fields[.contentType] = "application/x-www-form-urlencoded"
        return TransportRequest(
            method: .post, url: url, fields: fields, body: FormEncoding.encode(form),
            timeout: IntrospectionReply.timeout)
    }

    private func shown(_ url: String) -> String { "the introspection endpoint \(url.prefix { $0 != "?" })" }
}

extension Configuration.Introspection {
    /// What is wrong with the secret's file, with the line that names it.
    func problem(_ error: KeyError) -> ConfigurationProblem {
        let help = error.code == .missingFile ? "; put the client's secret there, or mend the path" : ""
        return .error(place, "introspection.clientSecretFile: \(error.message)\(help)")
    }

    /// - Parameters:
    ///   - issuer: Whose description names the endpoint, where the configuration does not.
    ///   - file: The configuration, for messages.
    ///   - observer: Told of whether the issuer answers.
    /// - Throws: ``ConfigurationError`` where the client's secret cannot be read.
    func asked(
        of issuer: String, file: String?, clock: any WallClock,
        observer: @escaping @Sendable (TokenIntrospection.News) -> Void
    ) throws(ConfigurationError) -> TokenIntrospection {
        let secret: ClientSecret
        do throws(KeyError) {
            secret = try ClientSecret(path: clientSecretFile)
        } catch {
            throw ConfigurationError(file: file ?? "the configuration", problems: [problem(error)])
        }
        let client = IntrospectionClient(
            endpoint: endpoint.map { url in { @Sendable in url } } ?? discovery(of: issuer, clock: clock),
            clientID: clientID, secret: secret, authentication: authentication,
            transport: GuardedTransport(
                allowsPrivateNetwork: allowsPrivateNetwork, maximumReplySize: IntrospectionReply.maximumSize))
        return TokenIntrospection(
            place: endpoint ?? "what \(issuer) publishes", scope: scope, cache: cache,
            acceptsMissingAudience: acceptsMissingAudience, clock: clock, observer: observer, ask: client.ask)
    }

    private func discovery(of issuer: String, clock: any WallClock) -> @Sendable () async throws -> String {
        let fetch = IssuerDocument.fetch(over: GuardedTransport(allowsPrivateNetwork: allowsPrivateNetwork))
        let discovery = IssuerDiscovery(issuer: issuer, clock: clock, fetch: fetch)
        return {
            guard let endpoint = try await discovery.metadata().introspectionEndpoint else {
                throw IssuerFailure(
                    "\(issuer) says nothing of an introspection endpoint; set introspection.endpoint to where it is")
            }
            return endpoint
        }
    }
}
