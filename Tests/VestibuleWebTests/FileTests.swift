import Foundation
import HTTPTypes
import Testing
import VestibuleProtocol

@testable import VestibuleWeb

@Suite("The files of the site")
struct FileTests {
    private let lobby: Lobby

    init() throws { lobby = try Lobby() }

    @Test("every file of Web/ is served byte for byte, with its type and for pages of any origin")
    func everyFile() async throws {
        let web = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Web")
        for file in EmbeddedFile.all where !file.path.hasSuffix(".html") {
            let reply = await lobby.send(.get, "/web/\(file.path)")
            #expect(reply.status == 200, "\(file.path)")
            #expect(reply["Content-Type"] == WebFiles.contentType(of: file.path))
            #expect(reply["Access-Control-Allow-Origin"] == "*")
            #expect(reply["Cross-Origin-Resource-Policy"] == "cross-origin")
            if file.path != "vestibule.js" {
                let original = try Data(contentsOf: web.appendingPathComponent(file.path))
                let isSame = reply.bytes == Array(original)
                #expect(isSame, "\(file.path)")
            }
        }
    }

    @Test("the bundle imports nothing and exports the client's names in one statement at its end")
    func bundle() async throws {
        guard let bundle = EmbeddedFile.all.first(where: { $0.path == "vestibule.js" }) else { return }
        let lines = String(decoding: bundle.bytes, as: UTF8.self).split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("import ") })
        #expect(lines.filter { $0.hasPrefix("export ") } == lines.suffix(1))
        #expect(lines.last?.contains("MCPClient") == true)
    }

    @Test("a browser that has the file is told so, by any of its tags")
    func entityTags() async throws {
        let first = await lobby.send(.get, "/web/importmap.json")
        let tag = try #require(first["ETag"])
        #expect(first["Cache-Control"] == "no-cache")
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let again = await lobby.send(.get, "/web/importmap.json", ["If-None-Match": known])
            #expect(again.status == 304 && again.bytes.isEmpty && again["ETag"] == tag, "\(known)")
        }
        #expect(await lobby.send(.get, "/web/importmap.json", ["If-None-Match": "\"other\""]).status == 200)
    }

    @Test("the import map leads pages of other origins to this server")
    func importMap() async throws {
        let reply = await lobby.send(.get, "/web/importmap.json")
        #expect(reply["Content-Type"] == "application/importmap+json")
        #expect(reply.json?["imports"]?["vestibule"] == "http://127.0.0.1:8080/web/vestibule.js")
        #expect(reply.json?["imports"]?["vestibule/"] == "http://127.0.0.1:8080/web/")
    }

    @Test(
        "there is nothing outside of the folder, and no page under another path than its own",
        arguments: [
            "/web/", "/web/none.js", "/web/../Package.swift", "/web/%2e%2e/Package.swift", "/web//etc/passwd",
            "/web/page/index.html", "/web/page/operate.html", "/web/importmap.json/",
        ])
    func nothingElse(_ path: String) async {
        let reply = await lobby.send(.get, path)
        #expect(reply.status == 404 && reply.error == "not_found")
        #expect(reply.json?["detail"]?.string?.contains("/web/vestibule.js") == true)
        #expect(reply["Access-Control-Allow-Origin"] == "*", "a page elsewhere can read why")
    }

    @Test("HEAD says how long it is, OPTIONS what may be done, and nothing else is answered")
    func methods() async {
        let get = await lobby.send(.get, "/web/importmap.json")
        let head = await lobby.send(.head, "/web/importmap.json")
        #expect(head.status == 200 && head.bytes.isEmpty && head["Content-Length"] == String(get.bytes.count))
        let preflight = await lobby.send(.options, "/web/importmap.json", ["Origin": "https://else.example"])
        #expect(preflight.status == 204 && preflight["Access-Control-Allow-Methods"] == "GET, HEAD")
        for method in ["POST", "PUT", "DELETE", "TRACE"] {
            let reply = await lobby.send(.init(method) ?? .post, "/web/importmap.json")
            #expect(reply.status == 405 && reply["Allow"] == "GET, HEAD, OPTIONS")
        }
        for path in ["/", "/operate"] {
            let reply = await lobby.send(.post, path)
            #expect([405, 303].contains(reply.status), "\(path)")
        }
    }
}
