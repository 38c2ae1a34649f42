#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A reply to be sent to every request: the one that another server gave, header for header and byte for byte.
public struct CannedReply: Sendable {
    public let fields: [(name: String, value: String)]
    public let body: [UInt8]
    public let port: Int

    /// Reads it from standard input, as it went over the wire. The port to listen on is the first argument.
    public static func fromStandardInput() -> CannedReply {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(0, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let end = Array("\r\n\r\n".utf8)
        guard let split = bytes.indices.first(where: { bytes[$0...].starts(with: end) }),
            CommandLine.arguments.count > 1, let port = Int(CommandLine.arguments[1])
        else {
            fatalError("usage: \(CommandLine.arguments[0]) PORT < REPLY")
        }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).split(separator: "\r\n").dropFirst()
        let fields = lines.compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        return CannedReply(fields: fields, body: Array(bytes[(split + 4)...]), port: port)
    }
}
