/// One event of a stream of server-sent events (WHATWG HTML §9.2).
public struct ServerSentEvent: Sendable, Hashable {
    /// The event's type; `message` where none is named.
    public var event: String
    /// The payload. Lines are divided by LF.
    public var data: String
    /// The id that this event sets, by which a stream is resumed.
    public var id: String?
    /// How long to wait before connecting again, as this event sets it, to the millisecond.
    public var retry: Duration?

    public init(event: String = "message", data: String, id: String? = nil, retry: Duration? = nil) {
        self.event = event
        self.data = data
        self.id = id
        self.retry = retry
    }
}

extension ServerSentEvent {
    /// The event as it goes over the wire, with the blank line that ends it.
    ///
    /// Line ends of any kind in the data become new `data` lines and arrive as LF. In `event` and `id`, where they
    /// would forge other fields, they are left out, and so is NUL.
    public var frame: [UInt8] {
        Self.frame(data: Array(data.utf8), event: event, id: id, retry: retry)
    }

    /// A frame for bytes that are already a message, such as serialised JSON.
    public static func frame(
        data: [UInt8], event: String = "message", id: String? = nil, retry: Duration? = nil
    ) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(data.count + 32)
        if event != "message" { append("event: ", filtered(event), to: &frame) }
        if let id { append("id: ", filtered(id), to: &frame) }
        if let retry { append("retry: ", "\(milliseconds(retry))".utf8, to: &frame) }
        var start = 0
        while let end = data[start...].firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            append("data: ", data[start..<end], to: &frame)
            let isPair = data[end] == 0x0D && end + 1 < data.count && data[end + 1] == 0x0A
            start = end + (isPair ? 2 : 1)
        }
        append("data: ", data[start...], to: &frame)
        frame.append(0x0A)
        return frame
    }

    /// A comment, which receivers pass over: keeps a silent connection open.
    public static func commentFrame(_ text: String = "") -> [UInt8] {
        var frame: [UInt8] = []
        append(":", filtered(text), to: &frame)
        frame.append(0x0A)
        return frame
    }

    private static func append(_ field: StaticString, _ value: some Sequence<UInt8>, to frame: inout [UInt8]) {
        field.withUTF8Buffer { frame.append(contentsOf: $0) }
        frame.append(contentsOf: value)
        frame.append(0x0A)
    }

    private static func filtered(_ text: String) -> [UInt8] {
        text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 }
    }

    /// Zero for a negative duration; the field holds digits only.
    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        guard duration >= .zero, seconds < .max / 1000 else { return duration < .zero ? 0 : .max / 1000 }
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
