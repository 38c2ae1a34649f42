import HTTPTypes
import NIOCore
import Synchronization
import Testing
import VestibuleServer
import VestibuleTesting

@testable import VestibuleHTTP

@Suite("Several requests on one connection, and answers larger than what the network holds")
struct PipeliningTests {
    /// Answers `/large` with many bytes, and `/slow` once it may.
    private final class Quarry: HTTPSite {
        let size: Int
        let isReached = Latch()
        let mayAnswer = Latch()
        private let answered = Mutex(0)
        var answers: Int { answered.withLock { $0 } }

        init(size: Int) { self.size = size }

        func respond(to request: EndpointRequest) async -> EndpointResponse? {
            let body: [UInt8]
            switch request.head.path {
            case "/large": body = Array(repeating: 0x61, count: size)
            case "/slow":
                isReached.open()
                try? await mayAnswer.wait()
                body = Array("slow".utf8)
            default: return nil
            }
            answered.withLock { $0 += 1 }
            isReached.open()
            return EndpointResponse(head: HTTPResponse(status: .ok), body: .bytes(body))
        }

        func drain() {}
    }

    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n"
    }

    @Test("a peer that does not read its answers gets no more of them; once it reads, it gets them all")
    func unreadAnswers() async throws {
        let quarry = Quarry(size: 1 << 20)
        try await House.with(sites: [quarry]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send(String(repeating: Self.get("/large"), count: 100))
                try await quarry.isReached.wait()
                #expect(try await house.stillServes())
                #expect(quarry.answers < 100)
                for _ in 0..<100 {
                    #expect(try await connection.reply()?.body.count == 1 << 20)
                }
                try await connection.send("GET", "/healthz")
                #expect(try await connection.reply()?.status == 200)
            }
        }
    }

    @Test("of many requests that came at once behind a slow one, so many are answered as may wait; then it ends")
    func tooManyWaiting() async throws {
        // Until the end of what was sent is seen, requests are read and answered in turn: then once more.
        var answers = Int.max
        for _ in 0..<20 where answers > ConnectionGuard.maximumPipelined {
            let quarry = Quarry(size: 1)
            answers = try await House.with(sites: [quarry]) { house in
                try await RawConnection.open(house.port) { connection in
                    try await connection.send(Self.get("/slow") + String(repeating: Self.get("/large"), count: 1000))
                    connection.endOutput()
                    try await quarry.isReached.wait()
                    #expect(try await house.stillServes())
                    quarry.mayAnswer.open()
                    var answers = 0
                    while try await connection.reply() != nil { answers += 1 }
                    #expect(quarry.answers == answers)
                    return answers
                }
            }
        }
        #expect((1...ConnectionGuard.maximumPipelined).contains(answers))
    }

    @Test(
        "what is turned away behind a request that is being answered takes neither its answer nor the connection's end",
        arguments: [
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nno field\r\n\r\n",
        ])
    func turnedAwayBehind(nonsense: String) async throws {
        let quarry = Quarry(size: 1)
        try await House.with(http: HTTPServerConfiguration(idle: .seconds(600)), sites: [quarry]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send(Self.get("/slow") + nonsense)
                try await quarry.isReached.wait()
                #expect(try await house.stillServes())
                quarry.mayAnswer.open()
                let reply = try await connection.reply()
                #expect(reply?.status == 200 && reply?["Connection"] == "close")
                #expect(await connection.isEnded())
            }
        }
    }

    @Test(
        "a request that is cut off behind one that is being answered does not cost that one its answer",
        arguments: [
            "POST /mcp HT", "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nabc",
        ])
    func cutOffBehind(part: String) async throws {
        let quarry = Quarry(size: 1)
        try await House.with(http: HTTPServerConfiguration(idle: .seconds(600)), sites: [quarry]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send(Self.get("/slow") + part)
                connection.endOutput()
                try await quarry.isReached.wait()
                #expect(try await house.stillServes())
                quarry.mayAnswer.open()
                #expect(try await connection.reply()?.status == 200)
                #expect(await connection.isEnded())
            }
        }
    }

    enum Ending: String, CaseIterable { case asked, halfClosed, shutDown }

    @Test("an answer is sent whole before its connection ends, however slowly it is read", arguments: Ending.allCases)
    func largeLastAnswer(ending: Ending) async throws {
        let size = 16 << 20
        let quarry = Quarry(size: size)
        try await House.with(http: HTTPServerConfiguration(linger: .zero), sites: [quarry]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send(Self.get("/large", ending == .asked ? "Connection: close\r\n" : ""))
                if ending == .halfClosed { connection.endOutput() }
                try await quarry.isReached.wait()
                #expect(try await house.stillServes())
                if ending == .shutDown { await house.shutDown() }
                #expect(try await connection.reply()?.body.count == size)
                #expect(await connection.isEnded())
            }
        }
    }

    @Test("an answer to HEAD has the length and no body, whatever the site gave")
    func head() async throws {
        try await House.with(sites: [Quarry(size: 1000)]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("HEAD", "/large")
                #expect(try await connection.reply(toHead: true)?["Content-Length"] == "1000")
                try await connection.send("GET", "/healthz")
                #expect(try await connection.reply()?.status == 200)
            }
        }
    }

    @Test("an HTTP/1.0 client is answered and let go, though it would stay")
    func http10() async throws {
        try await House.with(http: HTTPServerConfiguration(idle: .seconds(600))) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n")
                let reply = try await connection.reply()
                #expect(reply?.status == 200 && reply?["Connection"] == "close")
                #expect(await connection.isEnded())
            }
        }
    }

    @Test("the pace of a body that was held up on this side is judged from when it could go on")
    func restartedPace() {
        let began = NIODeadline.uptimeNanoseconds(0)
        var pace = BodyPace(HTTPServerConfiguration(bodyTimeout: .seconds(30), minimumBodyRate: 1024), began: began)
        pace.received = 100
        #expect(pace.nextCheck(at: began + .seconds(31)) == nil)
        pace.restart(at: began + .seconds(31))
        #expect(pace.nextCheck(at: began + .seconds(32)) == .seconds(29))
        #expect(pace.nextCheck(at: began + .seconds(62)) == nil)
        #expect(pace.received == 100)
    }
}
