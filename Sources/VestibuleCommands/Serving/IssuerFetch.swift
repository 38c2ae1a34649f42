internal import HTTPTypes
internal import ServiceLifecycle
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

extension IssuerDocument {
    /// Fetches over a transport, which must follow no redirects, within the bounds that such documents have.
    static func fetch(over transport: any HTTPTransport, clock: any WallClock = SystemClock()) -> Fetch {
        let exchange = BoundedExchange(transport: transport, clock: clock, limit: maximumSize)
        return { url in
            do {
                let reply = try await exchange.get(url, timeout: timeout, "GET \(url.prefix { $0 != "?" })")
                return IssuerDocument(
                    status: reply.status, cacheControl: reply.fields[.cacheControl], body: reply.body)
            } catch let failure as BoundedExchange.Failure {
                throw IssuerFailure(failure.message)
            }
        }
    }
}

/// Keeps the keys of remote issuers fresh as long as the server runs: fetched at its start, which does not wait for
/// them, and again before their time is over.
struct IssuerKeysService: Service, CustomStringConvertible, CustomReflectable {
    var rings: [RemoteKeyRing]

    var description: String { "IssuerKeysService(\(rings.count))" }
    var customMirror: Mirror { Mirror(self, children: [:]) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for ring in rings { group.addTask { await ring.keepFresh() } }
            }
        }
    }
}
