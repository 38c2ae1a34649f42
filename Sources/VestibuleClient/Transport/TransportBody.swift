/// The pieces of an HTTP body as they come. Read once.
public struct TransportBody: AsyncSequence, Sendable {
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let pull: () async throws -> [UInt8]?

        fileprivate init(_ pull: @escaping () async throws -> [UInt8]?) {
            self.pull = pull
        }

        public mutating func next() async throws -> [UInt8]? { try await pull() }
    }

    private let begin: @Sendable () -> AsyncIterator

    /// A body that is pulled from another sequence, so that a slow reader slows the sender.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of an element.
    ///   - mapError: What to throw instead of what the sequence throws.
    public init<Pieces: AsyncSequence & Sendable>(
        pulling pieces: Pieces, bytes: @escaping @Sendable (Pieces.Element) -> [UInt8],
        mapError: @escaping @Sendable (any Error) -> any Error = { $0 }
    ) {
        self.begin = {
            var iterator = pieces.makeAsyncIterator()
            return AsyncIterator {
                do {
                    return try await iterator.next(isolation: #isolation).map(bytes)
                } catch {
                    throw mapError(error)
                }
            }
        }
    }

    /// A body that is here already.
    public init(_ bytes: [UInt8]) {
        self.begin = {
            var rest: [UInt8]? = bytes.isEmpty ? nil : bytes
            return AsyncIterator {
                defer { rest = nil }
                return rest
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { begin() }
}
