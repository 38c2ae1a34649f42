/// Batches of JSON-RPC: several messages in one array, which MCP knows in its revision 2025-03-26 alone.
public enum MessageBatch {
    /// The most messages that one batch may hold.
    public static let maximumCount = 50

    /// Whether the body is an array, by its first byte.
    public static func isBatch(_ body: [UInt8]) -> Bool {
        body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x5B
    }

    /// Where the messages of a batch lie in the body. The whole of it is checked to be JSON, the messages are not looked
    /// at further.
    ///
    /// - Throws: ``EnvelopeError``: not JSON, not an array, empty, or more than ``maximumCount`` messages.
    public static func split(
        _ body: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(EnvelopeError) -> [Range<Int>] {
        try body.withUnsafeBufferPointer { (bytes) throws(EnvelopeError) in
            var messages: [Range<Int>] = []
            var count = 0
            do throws(JSONError) {
                var cursor = JSONCursor(bytes, limits: limits)
                try cursor.begin()
                guard cursor.current == 0x5B else { throw cursor.unexpected() }
                try cursor.enter()
                var isFirst = true
                while try cursor.hasNext(isFirst: &isFirst, closing: 0x5D) {
                    let message = try cursor.skipValue()
                    count += 1
                    if count <= maximumCount { messages.append(message) }
                }
                try cursor.finish()
            } catch {
                throw EnvelopeError(error, requestID: nil)
            }
            guard (1...maximumCount).contains(count) else {
                throw EnvelopeError(
                    .batch, at: 0, "the batch holds \(count) messages; from 1 to \(maximumCount) are accepted")
            }
            return messages
        }
    }
}
