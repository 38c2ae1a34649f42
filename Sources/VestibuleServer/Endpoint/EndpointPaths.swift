internal import HTTPTypes
internal import VestibuleProtocol

/// The paths that an endpoint answers (RFC 9728 §3.1 for its metadata).
package struct EndpointPaths: Sendable {
    enum Target { case endpoint, metadata, unknown }

    static let metadataRoot = "/.well-known/oauth-protected-resource"

    let endpoint: String
    private let metadata: Set<ByteKey>
    /// Where the challenge says that the metadata lies.
    let metadataURL: String?

    init(_ configuration: EndpointConfiguration) {
        self.endpoint = Self.withoutTrailingSlash(configuration.path)
        let resource = ResourceURL(configuration.resource)
        let resourcePath = Self.withoutTrailingSlash(resource?.path ?? "")
        self.metadataURL = resource.map { $0.origin + Self.metadataRoot + resourcePath }
        // A reverse proxy may show the endpoint under another path than its own.
        self.metadata = Set(
            ["", endpoint, resourcePath].map { ByteKey(Self.metadataRoot + $0) })
    }

    /// What a request target means: its query does not matter, nor does one slash at its end.
    func target(of requestTarget: String?) -> Target {
        let path = Self.withoutTrailingSlash(Self.path(of: requestTarget ?? "/"))
        if path.hasSameBytes(as: endpoint) { return .endpoint }
        return metadata.contains(ByteKey(path)) ? .metadata : .unknown
    }

    package static func path(of requestTarget: String) -> String {
        guard let end = requestTarget.utf8.firstIndex(where: { $0 == 0x3F || $0 == 0x23 }) else { return requestTarget }
        return String(requestTarget[..<end])
    }

    package static func withoutTrailingSlash(_ path: String) -> String {
        path.utf8.last == UInt8(ascii: "/") ? String(path.dropLast()) : path
    }
}
