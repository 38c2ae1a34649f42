import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleServer

@Suite("Sites beside the endpoint, over HTTP")
struct SiteTests {
    @Test("the first site that knows a path answers it, the endpoint everything else")
    func order() async throws {
        try await House.with(sites: [Named("first", "/a"), Named("second", "/a"), Named("second", "/b")]) { house in
            try await RawConnection.open(house.port) { connection in
                for (path, text) in [("/a", "first"), ("/b", "second"), ("/a?x=1", "first")] {
                    try await connection.send("GET", path)
                    let reply = try await connection.reply()
                    #expect(reply?.status == 200 && reply.map { String(decoding: $0.body, as: UTF8.self) } == text)
                }
                try await connection.send("GET", "/c")
                #expect(try await connection.reply()?.status == 404)
                try await connection.send("GET", "/healthz")
                #expect(try await connection.reply()?.json == ["status": "ok"])
            }
        }
    }

    @Test("an answer to HEAD says the length that GET has; 204 and 304 have none")
    func lengths() async throws {
        try await House.with(sites: [Named("first", "/a")]) { house in
            try await RawConnection.open(house.port) { connection in
                try await connection.send("HEAD", "/a")
                #expect(try await connection.reply(toHead: true)?["Content-Length"] == "5")
                for status in [204, 304] {
                    try await connection.send("GET", "/a", headers: [("Want", String(status))])
                    let reply = try await connection.reply()
                    #expect(reply?.status == status && reply?["Content-Length"] == nil)
                }
                try await connection.send("GET", "/a", headers: [("Want", "303")])
                #expect(try await connection.reply()?["Content-Length"] == "0")
            }
        }
    }

    /// Answers one path with its name, or with the status that is wanted.
    private struct Named: HTTPSite {
        let name: String
        let path: String

        init(_ name: String, _ path: String) {
            self.name = name
            self.path = path
        }

        func respond(to request: EndpointRequest) async -> EndpointResponse? {
            guard request.head.path?.prefix(while: { $0 != "?" }) == path[...] else { return nil }
            let want = HTTPField.Name("Want").flatMap { request.head.headerFields[$0] }.flatMap { Int($0) }
            if let want { return EndpointResponse(head: HTTPResponse(status: .init(code: want))) }
            var head = HTTPResponse(status: .ok)
            guard request.head.method != .head else {
                head.headerFields[.contentLength] = String(name.utf8.count)
                return EndpointResponse(head: head)
            }
            return EndpointResponse(head: head, body: .bytes(Array(name.utf8)))
        }
    }
}
