internal import AsyncHTTPClient
internal import VestibuleProtocol

/// Sends to servers that somebody else named: an issuer's key set, its description, its introspection endpoint.
///
/// A host that is not on the internet is refused, so that nobody can make this server ask its own neighbours: private
/// networks (RFC 1918, RFC 4193, RFC 6598) unless they are allowed, link-local addresses and the metadata services of
/// clouds always. All addresses of a host are judged, and the connection goes to one of those that were: a name that
/// changes its mind in between gains nothing. This machine itself is reached only where the URL says so
/// (`http://127.0.0.1:…`, `localhost`), and nobody else by plain `http`.
///
/// The whole answer is read before ``send(_:)`` returns, each over a connection of its own. Redirects are not followed.
public struct GuardedTransport: HTTPTransport {
    /// How many addresses of a host are tried.
    static let maximumTries = 3

    private let allowsPrivateNetwork: Bool
    private let maximumReplySize: Int
    private let lookup: HostLookup

    /// - Parameters:
    ///   - allowsPrivateNetwork: Whether hosts in private networks may be asked.
    ///   - maximumReplySize: In bytes; a longer answer is refused. Default 1 MiB.
    public init(allowsPrivateNetwork: Bool = false, maximumReplySize: Int = 1 << 20) {
        self.init(allowsPrivateNetwork: allowsPrivateNetwork, maximumReplySize: maximumReplySize, lookup: .system)
    }

    package init(allowsPrivateNetwork: Bool, maximumReplySize: Int = 1 << 20, lookup: HostLookup) {
        self.allowsPrivateNetwork = allowsPrivateNetwork
        self.maximumReplySize = maximumReplySize
        self.lookup = lookup
    }

    /// - Throws: ``TransportError``, also where the host may not be asked; ``MCPClientError`` of the code
    ///   `replyTooLarge`; `CancellationError`.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        let target = try GuardedTarget(url: request.url)
        let addresses = try await target.permitted(
            lookup.addresses(target.host), allowsPrivateNetwork: allowsPrivateNetwork)
        var request = request
        request.url = target.url
        for address in addresses.dropLast() {
            do {
                return try await send(request, to: target, at: address)
            } catch let error as TransportError where error.progress == .notSent {
                continue
            }
        }
        guard let last = addresses.last else { throw target.refusal("has no address") }
        return try await send(request, to: target, at: last)
    }

    private func send(
        _ request: TransportRequest, to target: GuardedTarget, at address: NetworkAddress
    ) async throws -> TransportResponse {
        var configuration = AsyncHTTPClientTransport.clientConfiguration(.init(connectTimeout: .seconds(3)))
        configuration.dnsOverride = [target.host: address.description]
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            let response = try await AsyncHTTPClientTransport(borrowing: client).send(request)
            let body = try await response.bytes(upTo: maximumReplySize)
            return TransportResponse(status: response.status, fields: response.fields, bytes: body)
        }
    }
}

/// A URL that is to be asked, taken apart by rules so strict that nobody else can read another host in it.
struct GuardedTarget: Sendable {
    /// In lower case; an IPv6 address without its brackets.
    let host: String
    let isSecure: Bool
    /// Whether the URL itself says that this machine is meant.
    let isLoopback: Bool
    let url: String

    /// - Throws: ``TransportError`` where the URL is none that may be asked, whatever its host's addresses.
    init(url: String) throws(TransportError) {
        guard let address = ServerAddress(url), let host = Self.host(in: address.authority) else {
            throw TransportError(.notSent, "\(url.shown) is not an https URL with a plain host name")
        }
        self.host = host
        self.isSecure = address.isSecure
        self.isLoopback = address.isLoopback
        self.url = "\(address.scheme)://\(address.authority.lowercased())\(address.path)"
        guard isSecure || isLoopback else {
            throw TransportError(
                .notSent, "\(url.shown) is plain http to another host, where anybody could answer; use https")
        }
    }

    private static func host(in authority: String) -> String? {
        let lowered = authority.lowercased()
        let isBracketed = lowered.hasPrefix("[")
        let host = isBracketed ? lowered.dropFirst().prefix { $0 != "]" } : lowered.prefix { $0 != ":" }
        var rest = lowered.dropFirst(host.utf8.count + (isBracketed ? 2 : 0))
        if isBracketed, !lowered.contains("]") { return nil }
        let letters = isBracketed ? "0123456789abcdef:." : "0123456789abcdefghijklmnopqrstuvwxyz.-_"
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(letters.utf8.contains) else { return nil }
        guard !rest.isEmpty else { return String(host) }
        guard rest.removeFirst() == ":", let port = UInt16(rest), port > 0, rest.utf8.count <= 5,
            rest.utf8.allSatisfy("0123456789".utf8.contains)
        else { return nil }
        return String(host)
    }

    /// - Returns: Those to try, none of which may not be asked.
    /// - Throws: ``TransportError`` where one of the addresses may not be asked.
    func permitted(
        _ addresses: [NetworkAddress], allowsPrivateNetwork: Bool
    ) throws(TransportError) -> [NetworkAddress] {
        for address in addresses {
            switch address.kind {
            case .global where !isLoopback || isSecure: continue
            case .loopback where isLoopback: continue
            case .loopback where isSecure && allowsPrivateNetwork: continue
            case .privateNetwork where isSecure && allowsPrivateNetwork: continue
            case .privateNetwork where isSecure, .loopback where isSecure:
                throw refusal(
                    "is at \(address), a \(address.kind.rawValue) address; allowPrivateNetwork: true lets it be asked")
            default: throw refusal("is at \(address), a \(address.kind.rawValue) address, which is never asked")
            }
        }
        return Array(addresses.prefix(GuardedTransport.maximumTries))
    }

    func refusal(_ what: String) -> TransportError { TransportError(.notSent, "the host \(host) \(what)") }
}

extension String {
    /// Without its query, which may hold what is nobody's business.
    fileprivate var shown: String { "\"\(prefix { $0 != "?" }.prefix(200))\"" }
}
