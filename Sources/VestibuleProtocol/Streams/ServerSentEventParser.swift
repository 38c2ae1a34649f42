/// Reads a stream of server-sent events (WHATWG HTML §9.2.6) from its bytes, however they are cut into chunks.
///
/// What is not UTF-8 is read as U+FFFD, as the standard says. An event that the stream's end cuts off is no event:
/// whoever reads to the end simply stops.
public struct ServerSentEventParser: Sendable {
    /// A stream that goes beyond a bound. It cannot be read on.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// One line.
        public let description: String
    }

    /// The id that the last event set, also an event without data; sent as `Last-Event-ID` to resume.
    public private(set) var lastEventID: String?
    /// The last `retry` of the stream, also of an event without data.
    public private(set) var reconnectionTime: Duration?

    private let maximumLineLength: Int
    private let maximumEventSize: Int

    private var line: [UInt8] = []
    private var lastWasCarriageReturn = false
    private var isFirstLine = true
    private var failure: Failure?

    // The event that is being read.
    private var data: [UInt8] = []
    private var hasData = false
    private var type = ""
    private var id: String?
    private var retry: Duration?

    /// - Parameters:
    ///   - maximumLineLength: Bytes of one line without its end, bound included. Default 16 MiB.
    ///   - maximumEventSize: Bytes of one event's data, bound included. Default 16 MiB.
    public init(maximumLineLength: Int = 16 << 20, maximumEventSize: Int = 16 << 20) {
        self.maximumLineLength = maximumLineLength
        self.maximumEventSize = maximumEventSize
    }

    /// Reads on and returns the events that are complete.
    ///
    /// - Throws: ``Failure`` when a line or an event grows beyond its bound, and ever after.
    public mutating func push(_ chunk: some Sequence<UInt8>) throws(Failure) -> [ServerSentEvent] {
        if let failure { throw failure }
        let fast = chunk.withContiguousStorageIfAvailable { read($0) }
        return try (fast ?? Array(chunk).withUnsafeBufferPointer { read($0) }).get()
    }

    private mutating func read(_ chunk: UnsafeBufferPointer<UInt8>) -> Result<[ServerSentEvent], Failure> {
        do throws(Failure) {
            return .success(try events(in: chunk))
        } catch {
            failure = error
            line = []
            data = []
            return .failure(error)
        }
    }

    private mutating func events(in chunk: UnsafeBufferPointer<UInt8>) throws(Failure) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var start = 0
        // The LF of a CRLF whose CR ended the chunk before.
        if lastWasCarriageReturn, let first = chunk.first {
            lastWasCarriageReturn = false
            if first == 0x0A { start = 1 }
        }
        while let end = chunk[start...].firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            try append(chunk[start..<end])
            if let event = try endLine() { events.append(event) }
            start = end + 1
            guard chunk[end] == 0x0D else { continue }
            if start == chunk.count {
                lastWasCarriageReturn = true
            } else if chunk[start] == 0x0A {
                start += 1
            }
        }
        try append(chunk[start...])
        return events
    }

    private mutating func append(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws(Failure) {
        guard bytes.count <= maximumLineLength - line.count else {
            throw Failure(description: "a line of the event stream is longer than \(maximumLineLength) bytes")
        }
        line.append(contentsOf: bytes)
    }

    private mutating func endLine() throws(Failure) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: line.count <= 64 * 1024) }
        var content = line[...]
        if isFirstLine {
            isFirstLine = false
            if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        }
        guard !content.isEmpty else { return dispatch() }
        let colon = content.firstIndex(of: 0x3A) ?? content.endIndex
        var value = content[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        try setField(String(decoding: content[..<colon], as: UTF8.self), value)
        return nil
    }

    private mutating func setField(_ name: String, _ value: ArraySlice<UInt8>) throws(Failure) {
        switch name {
        case "data":
            let divider = hasData ? 1 : 0
            guard value.count <= maximumEventSize - data.count - divider else {
                throw Failure(description: "an event of the stream has more than \(maximumEventSize) bytes of data")
            }
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        case "event": type = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0):
            let text = String(decoding: value, as: UTF8.self)
            id = text
            lastEventID = text
        case "retry" where !value.isEmpty && value.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }):
            guard let milliseconds = Int64(String(decoding: value, as: UTF8.self)) else { return }
            retry = .milliseconds(milliseconds)
            reconnectionTime = retry
        default: break
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data.removeAll(keepingCapacity: data.count <= 64 * 1024)
            hasData = false
            type = ""
            id = nil
            retry = nil
        }
        guard hasData else { return nil }
        return ServerSentEvent(
            event: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self), id: id, retry: retry)
    }
}
