internal import NIOPosix
internal import Synchronization
package import VestibuleProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Android)
    internal import Android
#endif

/// All addresses of a host, in the order in which this machine would try them.
package struct HostLookup: Sendable {
    /// - Throws: ``TransportError``, or `CancellationError`.
    package var addresses: @Sendable (_ host: String) async throws -> [NetworkAddress]

    package init(_ addresses: @escaping @Sendable (_ host: String) async throws -> [NetworkAddress]) {
        self.addresses = addresses
    }

    /// By the means of this machine. Who asks stops waiting when cancelled, though the question itself cannot be taken
    /// back.
    package static let system = HostLookup { host in
        let answer = Answer()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard answer.wait(continuation) else { return }
                NIOThreadPool.singleton.submit { state in
                    answer.settle(
                        state == .active ? Result { try look(up: host) } : .failure(CancellationError()))
                }
            }
        } onCancel: {
            answer.settle(.failure(CancellationError()))
        }
    }

    private static func look(up host: String) throws -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_flags = AI_ADDRCONFIG
        // Each address once, not once for each kind of socket.
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        var code = getaddrinfo(host, nil, &hints, &list)
        if code != 0 {
            // A machine without any network but loopback knows loopback names all the same.
            hints.ai_flags = 0
            code = getaddrinfo(host, nil, &hints, &list)
        }
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else {
            throw TransportError(.notSent, "the host \(host) has no address: \(String(cString: gai_strerror(code)))")
        }
        var found: [NetworkAddress] = []
        var entry = list
        while let info = entry?.pointee, found.count < 64 {
            if let address = info.ai_addr.flatMap(address), !found.contains(address) { found.append(address) }
            entry = info.ai_next
        }
        return found
    }

    private static func address(of socket: UnsafeMutablePointer<sockaddr>) -> NetworkAddress? {
        switch Int32(socket.pointee.sa_family) {
        case AF_INET:
            socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { NetworkAddress(bytes: Array($0)) }
            }
        case AF_INET6:
            socket.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { NetworkAddress(bytes: Array($0)) }
            }
        default: nil
        }
    }
}

/// An answer that comes, or whose waiter leaves; whichever is first counts.
private final class Answer: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<[NetworkAddress], any Error>)
        case settled
    }

    private let state = Mutex(State.open)

    /// - Returns: whether the question is still of interest.
    func wait(_ continuation: CheckedContinuation<[NetworkAddress], any Error>) -> Bool {
        let isOpen = state.withLock { state in
            guard case .open = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !isOpen { continuation.resume(throwing: CancellationError()) }
        return isOpen
    }

    func settle(_ result: Result<[NetworkAddress], any Error>) {
        let waiter = state.withLock { state in
            defer { state = .settled }
            if case .waiting(let continuation) = state { return Optional(continuation) }
            return nil
        }
        waiter?.resume(with: result)
    }
}
