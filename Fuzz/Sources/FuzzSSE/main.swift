// Server-sent events: the same events however the stream is cut, nothing beyond the bounds, and a frame that we write
// is read back as the event it was made of.

import FuzzSupport
import VestibuleProtocol

fuzz { input in
    guard let seed = input.first else { return }
    let stream = Array(input.dropFirst())
    for (line, size) in [(16 << 20, 16 << 20), (64, 32)] {
        let whole = Reading(stream, chunk: max(1, stream.count), line: line, size: size)
        let cut = Reading(stream, chunk: Int(seed % 16) + 1, line: line, size: size)
        let single = Reading(stream, chunk: 1, line: line, size: size)
        demand(cut == single, "events depend on how the stream is cut")
        // Of a chunk that goes beyond a bound, the events before are lost with it.
        demand(whole == single || whole.failed && single.failed, "events depend on whether the stream is cut")
        demand(single.events.allSatisfy { $0.data.utf8.count <= 3 * size }, "an event beyond its bound")
        if line > 64 { single.events.forEach(checkFrame) }
    }
}

struct Reading: Equatable {
    var events: [ServerSentEvent] = []
    var failed = false
    var lastEventID: String?
    var reconnectionTime: Duration?

    init(_ stream: [UInt8], chunk: Int, line: Int, size: Int) {
        var parser = ServerSentEventParser(maximumLineLength: line, maximumEventSize: size)
        var start = 0
        while start < stream.count {
            let end = min(stream.count, start + chunk)
            do {
                events += try parser.push(stream[start..<end])
            } catch {
                failed = true
            }
            demand(!failed || (try? parser.push([0x0A])) == nil, "a stream that failed is read on")
            if failed { break }
            start = end
        }
        // Bytes that follow in a chunk that fails may or may not have been read.
        guard !failed else {
            events = []
            return
        }
        lastEventID = parser.lastEventID
        reconnectionTime = parser.reconnectionTime
    }

    static func == (left: Reading, right: Reading) -> Bool {
        left.failed == right.failed && left.events == right.events
            && left.lastEventID.map(ByteKey.init) == right.lastEventID.map(ByteKey.init)
            && left.reconnectionTime == right.reconnectionTime
    }
}

func checkFrame(_ event: ServerSentEvent) {
    var parser = ServerSentEventParser()
    guard let read = try? parser.push(event.frame), read.count == 1, let same = read.first else {
        violated("a frame is not read back as one event: \(event)")
    }
    // NUL and line ends of any kind are left out of the type, and CR becomes LF in the data.
    let type = String(String.UnicodeScalarView(event.event.unicodeScalars.filter { $0 != "\0" }))
    demand(same.event.hasSameBytes(as: type.isEmpty ? "message" : type), "type \(same.event) of \(event)")
    demand(same.data.hasSameBytes(as: event.data), "data of \(event)")
    demand(same.id.map(ByteKey.init) == event.id.map(ByteKey.init), "id of \(event)")
    demand(same.retry == event.retry, "retry of \(event)")
}
