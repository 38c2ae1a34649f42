import NIOCore
import NIOPosix
import Synchronization
import VestibuleProtocol
import VestibuleTesting

/// One TCP connection to a server, on which a test says exactly what it wants, well-formed or not.
struct RawConnection {
    /// A response as it came.
    struct Reply: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        subscript(name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        var json: JSONValue? { try? JSONValue(parsing: body) }
        var result: JSONValue? { json?["result"] }
        var error: JSONValue? { json?["error"] }
        /// The reason of a refusal, wherever it was delivered.
        var reason: String? {
            error?["data"]?["reason"]?.string ?? result?["structuredContent"]?["reason"]?.string
        }
    }

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received: [UInt8] = []
    private let expected = ExpectedAnswers()

    /// Connects, hands the connection over, and closes it.
    static func open<Value: Sendable>(
        _ port: Int, _ body: @Sendable (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.outbound = outbound
        self.inbound = inbound
    }

    func send(_ text: String) async throws {
        expected.giveUp()
        try await write(text)
    }

    private func write(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Says that nothing more will come, and reads on.
    func endOutput() {
        outbound.finish()
    }

    /// A request with the fields that HTTP/1.1 needs.
    func send(
        _ method: String = "POST", _ path: String = "/mcp", host: String = "127.0.0.1",
        headers: [(String, String)] = [], body: String? = nil
    ) async throws {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"]
        lines += headers.map { "\($0.0): \($0.1)" }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        expected.add(headers: headers, body: body)
        try await write(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    }

    /// The next response, or `nil` where the connection ended instead.
    mutating func reply(toHead: Bool = false) async throws -> Reply? {
        let separator: [UInt8] = [13, 10, 13, 10]
        var headEnd: Int?
        while headEnd == nil {
            headEnd = received.firstRange(of: separator)?.lowerBound
            if headEnd == nil, try await !receive() { return nil }
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: received[..<headEnd], as: UTF8.self).split(separator: "\r\n").map(String.init)
        let headers = lines.dropFirst()
            .compactMap { line -> (name: String, value: String)? in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
            }
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let declared = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        let length = toHead || status < 200 ? 0 : declared
        let start = headEnd + separator.count
        while received.count < start + length {
            guard try await receive() else { return nil }
        }
        let body = Array(received[start..<start + length])
        received.removeFirst(start + length)
        let reply = Reply(status: status, headers: headers, body: body)
        if status >= 200 { expected.judge(reply) }
        return reply
    }

    /// Everything up to that text.
    mutating func text(until needle: String) async throws -> String {
        while true {
            if let end = received.firstRange(of: Array(needle.utf8))?.upperBound {
                defer { received.removeFirst(end) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try await receive() else { throw Unexpected("the connection ended before \(needle)") }
        }
    }

    /// Reads on until the server ends the connection.
    mutating func untilEnd() async {
        while let more = try? await receive(), more {}
        received = []
    }

    /// Reads on until the server ends the connection, and keeps nothing of it.
    ///
    /// - Returns: how many bytes came.
    mutating func discard() async -> Int {
        var count = received.count
        received = []
        while let more = try? await receive(), more {
            count += received.count
            received = []
        }
        return count
    }

    /// Whether the server ended the connection without saying more.
    mutating func isEnded() async -> Bool {
        while received.isEmpty {
            guard let more = try? await receive(), more else { return true }
        }
        return false
    }

    private mutating func receive() async throws -> Bool {
        guard let buffer = try await inbound.next(isolation: #isolation) else { return false }
        received += Array(buffer: buffer)
        return true
    }
}

/// The requests whose answers are to come on a connection, so that each answer is held against the schema of its request
/// (``WireCheck``). Once a test has sent bytes of its own making, it is not known any more which answer belongs to what.
final class ExpectedAnswers: Sendable {
    private let exchanges = Mutex<[WireExchange]?>([])

    func add(headers: [(String, String)], body: String?) {
        func value(_ name: String) -> String? {
            let values = headers.filter { $0.0.lowercased() == name }.map(\.1)
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
        let exchange = WireCheck.request(
            Array((body ?? "").utf8), session: value("mcp-session-id"), version: value("mcp-protocol-version"))
        exchanges.withLock { $0?.append(exchange) }
    }

    func giveUp() { exchanges.withLock { $0 = nil } }

    func judge(_ reply: RawConnection.Reply) {
        let exchange = exchanges.withLock { $0?.isEmpty == false ? $0?.removeFirst() : nil }
        exchange?.answer(reply.body, contentType: reply["Content-Type"], session: reply["Mcp-Session-Id"])
    }
}
