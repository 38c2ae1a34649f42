#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Finds out whether an address can be listened on, before anything is built on it.
///
/// The server's URL is part of what it is (tokens name it), so a port that the system chooses has to be known first.
enum ListenProbe {
    /// The port, or a free one where 0 is asked for.
    ///
    /// - Throws: ``CommandFailure`` in one line: the port is taken, needs privileges, or the address is none of ours.
    static func port(host: String, port: Int) throws(CommandFailure) -> Int {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let plain = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard getaddrinfo(plain, String(port), &hints, &list) == 0, let address = list else {
            throw .couldNotRun("no address \(host) to listen on; name one of this machine's with --host")
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
        guard descriptor >= 0 else { throw .couldNotRun("cannot make a socket: \(TextFile.lastError())") }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, listen(descriptor, 1) == 0
        else { throw failure(host: host, port: port) }
        guard let bound = boundPort(descriptor) else {
            throw .couldNotRun("cannot find out the port: \(TextFile.lastError())")
        }
        return bound
    }

    private static func boundPort(_ descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard status == 0 else { return nil }
        return withUnsafeBytes(of: &storage) { bytes in
            // The port stands at the same place in sockaddr_in and sockaddr_in6, in network order.
            Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        }
    }

    private static func failure(host: String, port: Int) -> CommandFailure {
        switch errno {
        case EADDRINUSE:
            .couldNotRun("port \(port) of \(host) is in use; stop what listens there, or choose another with --port")
        case EACCES:
            .couldNotRun("port \(port) needs privileges; choose one above 1023 with --port")
        default:
            .couldNotRun(
                "cannot listen on \(host), port \(port): \(TextFile.lastError()); choose with --host and --port")
        }
    }
}
