internal import VestibuleProtocol

/// Why something that a remote issuer publishes could not be had, in one line: what, where, and what to do about it.
public struct IssuerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public var message: String

    public init(_ message: String) {
        self.message = message.onOneLine(limit: 400)
    }

    public var description: String { message }
}
