/// An IP address, and what kind of network it belongs to.
package struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four bytes, or sixteen.
    package let bytes: [UInt8]

    /// - Parameter bytes: `nil` where they are neither four nor sixteen.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Whom an address reaches (RFC 6890 and the IANA registries of special-purpose addresses).
    package enum Kind: String, Sendable, Hashable {
        /// Anybody on the internet.
        case global = "public"
        /// This machine.
        case loopback
        /// A network that is not the internet's: RFC 1918, RFC 6598 (carrier-grade NAT), RFC 4193, and what was meant
        /// for such before.
        case privateNetwork = "private"
        /// The neighbours on the wire, among them the metadata services of the clouds at 169.254.169.254.
        case linkLocal = "link-local"
        /// A cloud's metadata service outside the link-local range.
        case metadata = "metadata service"
        /// Nobody, several at once, or whoever a later standard says.
        case reserved
    }

    package var kind: Kind {
        if bytes.count == 4 { return Self.kind(of: bytes) }
        if let inner = embedded { return inner }
        if bytes == Self.metadata { return .metadata }
        if bytes.dropLast().allSatisfy({ $0 == 0 }) { return bytes.last == 1 ? .loopback : .reserved }
        switch (bytes[0], bytes[1]) {
        case (0xFC...0xFD, _): return .privateNetwork
        case (0xFE, 0x80...0xBF): return .linkLocal
        // Site-local, which RFC 3879 gave up and some networks still use.
        case (0xFE, 0xC0...0xFF): return .privateNetwork
        // Documentation (RFC 3849, RFC 9637).
        case (0x20, 0x01) where bytes[2] == 0x0D && bytes[3] == 0xB8: return .reserved
        case (0x3F, 0xFF) where bytes[2] < 0x10: return .reserved
        // Only 2000::/3 is given to anybody so far.
        case (0x20...0x3F, _): return .global
        default: return .reserved
        }
    }

    /// The kind of the IPv4 address that stands in an IPv6 one, because that is where a packet may end up: mapped,
    /// compatible, translated (RFC 6052, RFC 8215), 6to4 and Teredo.
    private var embedded: Kind? {
        let zeros = bytes.prefix(10).allSatisfy { $0 == 0 }
        if zeros, bytes[10] == 0xFF, bytes[11] == 0xFF { return Self.kind(of: Array(bytes[12...])) }
        if zeros, bytes[10] == 0, bytes[11] == 0, !bytes[12...14].allSatisfy({ $0 == 0 }) {
            return Self.kind(of: Array(bytes[12...]))
        }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]) {
            return bytes[4..<12].allSatisfy { $0 == 0 } ? Self.kind(of: Array(bytes[12...])) : .privateNetwork
        }
        if bytes.starts(with: [0x20, 0x02]) { return Self.kind(of: Array(bytes[2..<6])) }
        if bytes.starts(with: [0x20, 0x01, 0, 0]) { return Self.kind(of: bytes[12...].map { ~$0 }) }
        return nil
    }

    private static func kind(of bytes: [UInt8]) -> Kind {
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (127, _, _, _): .loopback
        case (10, _, _, _), (172, 16...31, _, _), (192, 168, _, _): .privateNetwork
        case (100, 100, 100, 200): .metadata
        case (100, 64...127, _, _): .privateNetwork
        case (169, 254, _, _): .linkLocal
        // "This network", protocol assignments, documentation, 6to4 relays, benchmarks.
        case (0, _, _, _), (192, 0, 0, _), (192, 0, 2, _), (192, 88, 99, _), (198, 18...19, _, _), (198, 51, 100, _),
            (203, 0, 113, _):
            .reserved
        case (224..., _, _, _): .reserved
        default: .global
        }
    }

    /// Of a cloud that serves its metadata in its private network, at fd00:ec2::254.
    private static let metadata: [UInt8] = [0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54]

    /// As text that can be connected to.
    package var description: String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }
}
