/// The error member of a JSON-RPC 2.0 response.
public struct RPCError: Error, Sendable, Hashable {
    public struct Code: Sendable, Hashable, RawRepresentable, ExpressibleByIntegerLiteral {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        public init(integerLiteral value: Int) { self.init(rawValue: value) }

        public static let parseError: Code = -32700
        public static let invalidRequest: Code = -32600
        public static let methodNotFound: Code = -32601
        public static let invalidParams: Code = -32602
        public static let internalError: Code = -32603
        /// Resource not found, in the legacy era only.
        public static let resourceNotFound: Code = -32002
        /// A required header is missing, malformed or different from the body (2026-07-28).
        public static let headerMismatch: Code = -32020
        /// The client did not declare a capability that the request needs (2026-07-28).
        public static let missingRequiredClientCapability: Code = -32021
        /// The version asked for is not offered (2026-07-28).
        public static let unsupportedProtocolVersion: Code = -32022
    }

    public var code: Code
    public var message: String
    public var data: JSONValue?

    public init(_ code: Code, _ message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    public var json: JSONValue {
        var object: JSONObject = ["code": .integer(code.rawValue), "message": .string(message)]
        object["data"] = data
        return .object(object)
    }

    public init?(json: JSONValue) {
        guard let code = json["code"]?.integer, let message = json["message"]?.string else { return nil }
        self.init(Code(rawValue: code), message, data: json["data"])
    }
}

extension RPCError: CustomStringConvertible {
    public var description: String { "JSON-RPC error \(code.rawValue): \(message)" }
}
