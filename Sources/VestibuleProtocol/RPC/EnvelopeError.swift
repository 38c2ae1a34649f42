/// Why a body is not one JSON-RPC message as MCP allows it, and where.
public struct EnvelopeError: Error, Sendable, Hashable {
    public struct Code: Sendable, Hashable {
        enum Wrapped: Sendable {
            case notJSON, tooLarge, tooDeep, numberTooLong, batch, notAnObject, version, duplicateMember
            case method, id, params, meta, response
        }
        let wrapped: Wrapped

        /// Not JSON at all (RFC 8259), or empty.
        public static let notJSON = Code(wrapped: .notJSON)
        /// Longer than ``JSONLimits/maximumSize``.
        public static let tooLarge = Code(wrapped: .tooLarge)
        /// Nested deeper than ``JSONLimits/maximumDepth``.
        public static let tooDeep = Code(wrapped: .tooDeep)
        /// A number of more than ``JSONLimits/maximumNumberLength`` characters.
        public static let numberTooLong = Code(wrapped: .numberTooLong)
        /// An array: a batch of JSON-RPC, which MCP gave up with 2025-06-18; or one with too many messages, or none.
        public static let batch = Code(wrapped: .batch)
        /// JSON, but neither an object nor an array.
        public static let notAnObject = Code(wrapped: .notAnObject)
        /// `jsonrpc` is missing or not `"2.0"`.
        public static let version = Code(wrapped: .version)
        /// A member occurs twice in the message, in its `params` or in `params._meta`.
        public static let duplicateMember = Code(wrapped: .duplicateMember)
        /// `method` is missing, not a string, empty or too long.
        public static let method = Code(wrapped: .method)
        /// `id` is missing where one is due, or neither an integer of 64 bits nor a string, or too long.
        public static let id = Code(wrapped: .id)
        /// `params` is not an object.
        public static let params = Code(wrapped: .params)
        /// `params._meta` is not an object, or names its protocol version by something else than a string.
        public static let meta = Code(wrapped: .meta)
        /// A response that has both or neither of `result` and `error`, or a method besides.
        public static let response = Code(wrapped: .response)
    }

    public let code: Code
    /// Byte offset from the start of the body.
    public let offset: Int
    /// One line: what is wrong. Quotes no value of the body, at most the name of a member.
    public let reason: String
    /// The id of the request, where it could be read in spite of the error, so that the answer can carry it.
    public let requestID: RequestID?

    init(_ code: Code, at offset: Int, _ reason: String, requestID: RequestID? = nil) {
        self.code = code
        self.offset = offset
        self.reason = reason
        self.requestID = requestID
    }

    init(_ error: JSONError, requestID: RequestID?) {
        let code: Code =
            switch error.code {
            case .tooLarge: .tooLarge
            case .tooDeep: .tooDeep
            case .numberTooLong: .numberTooLong
            default: .notJSON
            }
        let prefix = code == .notJSON ? "the body is not JSON: " : "the body is not accepted: "
        self.init(code, at: error.offset, prefix + error.message, requestID: requestID)
    }

    /// One line with the byte at which the body is wrong.
    public var message: String { "\(reason) at byte \(offset)" }

    /// `-32700` for what is not JSON, `-32602` for `_meta`, `-32600` for everything else.
    public var rpcCode: RPCError.Code {
        switch code {
        case .notJSON: .parseError
        case .meta: .invalidParams
        default: .invalidRequest
        }
    }

    /// The error member of the answer.
    public var rpcError: RPCError { RPCError(rpcCode, message) }
}

extension EnvelopeError: CustomStringConvertible {
    public var description: String { message }
}
