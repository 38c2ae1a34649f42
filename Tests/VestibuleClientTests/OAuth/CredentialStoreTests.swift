import Foundation
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// One suite for every store.
@Suite("Credential stores")
struct CredentialStoreTests {
    enum Kind: Sendable, CaseIterable { case memory, file }

    static func withStore(_ kind: Kind, _ body: (any CredentialStore) async throws -> Void) async throws {
        switch kind {
        case .memory: try await body(InMemoryCredentialStore())
        case .file:
            try await withTemporaryDirectory { try await body(FileCredentialStore(path: "\($0)/credentials.json")) }
        }
    }

    static func signIn(_ resource: String = "https://s.test/mcp", issuer: String, token: String = "t") -> StoredSignIn {
        StoredSignIn(
            server: resource, resource: resource, issuer: issuer, clientID: "c", accessToken: token,
            expiresAt: NumericDate(2_000_000_000), refreshToken: "r-\(token)", requestedScope: ["a", "b"])
    }

    /// requirement: F-45, F-55
    @Test("what one issuer gave is never handed out for another", arguments: Kind.allCases)
    func issuers(_ kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            try await store.save(OAuthClient(issuer: "https://a.test", id: "one", secret: "s", redirectURIs: ["u"]))
            #expect(try await store.client(issuer: "https://a.test")?.secret == "s")
            #expect(try await store.client(issuer: "https://a.test")?.redirectURIs == ["u"])
            #expect(try await store.client(issuer: "https://a.test/") == nil)
            try await store.save(OAuthClient(issuer: "https://a.test", id: "two"))
            #expect(try await store.client(issuer: "https://a.test")?.id == "two")
            try await store.removeClient(issuer: "https://a.test")
            #expect(try await store.client(issuer: "https://a.test") == nil)
        }
    }

    /// requirement: F-67
    @Test("tokens are kept for one issuer and one resource", arguments: Kind.allCases)
    func tokens(_ kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            try await store.save(Self.signIn(issuer: "https://a.test", token: "a"))
            try await store.save(Self.signIn(issuer: "https://b.test", token: "b"))
            let server = "https://s.test/mcp"
            #expect(try await store.signIn(resource: server, issuer: nil)?.accessToken == "b")
            let first = try await store.signIn(resource: server, issuer: "https://a.test")
            #expect(first?.accessToken == "a" && first?.refreshToken == "r-a" && first?.requestedScope == ["a", "b"])
            #expect(first?.expiresAt == NumericDate(2_000_000_000))
            #expect(try await store.signIn(resource: "https://s.test/other", issuer: nil) == nil)
            try await store.removeSignIn(resource: server, issuer: "https://b.test")
            #expect(try await store.signIn(resource: server, issuer: nil)?.accessToken == "a")
        }
    }

    @Test("the oldest of more than 200 is forgotten", arguments: Kind.allCases)
    func bound(_ kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            for index in 0...200 { try await store.save(Self.signIn("https://s.test/\(index)", issuer: "i")) }
            #expect(try await store.signIn(resource: "https://s.test/0", issuer: nil) == nil)
            #expect(try await store.signIn(resource: "https://s.test/1", issuer: nil) != nil)
        }
    }

    /// requirement: F-25
    @Test("the file is its owner's alone; one that others may read is refused with what to do")
    func mode() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/credentials.json"
            let store = FileCredentialStore(path: path)
            try await store.save(Self.signIn(issuer: "i"))
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let error = try await failure { try await store.signIn(resource: "s", issuer: nil) }
            #expect(error.message.hasSuffix("run: chmod 600 \(path)"))
        }
    }

    @Test("a damaged file is refused, and named", arguments: ["", "{}", "{\"version\":2}", "[", "not json"])
    func damaged(_ text: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/credentials.json"
            #expect(
                FileManager.default.createFile(
                    atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
            let error = try await failure { try await FileCredentialStore(path: path).client(issuer: "i") }
            #expect(error.message.contains("\(path) is damaged"))
        }
    }

    @Test("what could not be read again is not written")
    func tooLarge() async throws {
        try await withTemporaryDirectory { directory in
            let store = FileCredentialStore(path: "\(directory)/credentials.json")
            try await store.save(Self.signIn(issuer: "i", token: "small"))
            let large = String(repeating: "a", count: 1 << 20)
            let error = try await failure { try await store.save(Self.signIn(issuer: "j", token: large)) }
            #expect(error.message.contains("would be larger"))
            #expect(try await store.signIn(resource: "https://s.test/mcp", issuer: nil)?.accessToken == "small")
        }
    }

    @Test("many who write at once lose nothing")
    func writers() async throws {
        try await withTemporaryDirectory { directory in
            let store = FileCredentialStore(path: "\(directory)/credentials.json")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<12 {
                    group.addTask { try await store.save(Self.signIn("https://s.test/\(index)", issuer: "i")) }
                }
                try await group.waitForAll()
            }
            for index in 0..<12 {
                #expect(try await store.signIn(resource: "https://s.test/\(index)", issuer: nil) != nil)
            }
        }
    }
}
