internal import Synchronization
internal import VestibuleProtocol

/// Keeps credentials for as long as the process runs. At most 200 registrations and 200 sets of tokens.
public final class InMemoryCredentialStore: CredentialStore {
    private let table = Mutex(CredentialTable())
    /// Holds one element while somebody has the store to themselves; whoever comes next waits for room.
    private let turn = BoundedQueue<Void>(bound: 1)

    public init() {}

    public func client(issuer: String) async throws -> OAuthClient? { table.withLock { $0.client(issuer: issuer) } }
    public func save(_ client: OAuthClient) async throws { table.withLock { $0.save(client) } }
    public func removeClient(issuer: String) async throws { table.withLock { $0.removeClient(issuer: issuer) } }

    public func signIn(resource: String, issuer: String?) async throws -> StoredSignIn? {
        table.withLock { $0.signIn(resource: resource, issuer: issuer) }
    }

    public func save(_ signIn: StoredSignIn) async throws { table.withLock { $0.save(signIn) } }

    public func removeSignIn(resource: String, issuer: String) async throws {
        table.withLock { $0.removeSignIn(resource: resource, issuer: issuer) }
    }

    public func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        _ = try await turn.push(())
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        // A task of its own: one that is cancelled gives its turn back, too.
        await Task { [turn] in _ = try? await turn.pop() }.value
        return try result.get()
    }
}
