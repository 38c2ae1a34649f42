internal import HTTPTypes
package import VestibuleServer

extension EndpointRequest {
    /// The path without its query.
    package var path: String { EndpointPaths.path(of: head.path ?? "/") }

    /// The value of a name in the query, decoded; `nil` where it is missing, stands there twice, or is no UTF-8.
    package func query(_ name: String) -> String? {
        guard let target = head.path, let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        var found: String?
        for pair in target.utf8[target.utf8.index(after: mark)...].split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first.flatMap(FormBody.decode), Array(key.utf8) == Array(name.utf8) else { continue }
            guard found == nil, let value = FormBody.decode(parts.dropFirst().first ?? Substring().utf8) else {
                return nil
            }
            found = value
        }
        return found
    }
}
