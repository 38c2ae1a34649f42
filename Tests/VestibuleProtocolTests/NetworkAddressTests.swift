import Testing

@testable import VestibuleProtocol

@Suite("Whom an IP address reaches")
struct NetworkAddressTests {
    @Test(
        "IPv4",
        arguments: [
            ([8, 8, 8, 8], .global), ([1, 1, 1, 1], .global), ([172, 15, 0, 1], .global), ([172, 32, 0, 1], .global),
            ([100, 63, 0, 1], .global), ([100, 128, 0, 1], .global), ([192, 167, 1, 1], .global),
            ([198, 20, 0, 1], .global), ([223, 255, 255, 255], .global),
            ([127, 0, 0, 1], .loopback), ([127, 255, 255, 255], .loopback),
            ([10, 0, 0, 1], .privateNetwork), ([172, 16, 0, 1], .privateNetwork),
            ([172, 31, 255, 255], .privateNetwork), ([192, 168, 0, 1], .privateNetwork),
            ([100, 64, 0, 1], .privateNetwork), ([100, 127, 255, 255], .privateNetwork),
            ([100, 100, 100, 200], .metadata),
            ([169, 254, 169, 254], .linkLocal), ([169, 254, 0, 1], .linkLocal),
            ([0, 0, 0, 0], .reserved), ([0, 1, 2, 3], .reserved), ([192, 0, 0, 192], .reserved),
            ([192, 0, 2, 1], .reserved), ([192, 88, 99, 1], .reserved), ([198, 18, 0, 1], .reserved),
            ([198, 51, 100, 1], .reserved), ([203, 0, 113, 1], .reserved), ([224, 0, 0, 1], .reserved),
            ([240, 0, 0, 1], .reserved), ([255, 255, 255, 255], .reserved),
        ] as [([UInt8], NetworkAddress.Kind)])
    func four(_ bytes: [UInt8], kind: NetworkAddress.Kind) {
        #expect(NetworkAddress(bytes: bytes)?.kind == kind)
        let mapped = Array(repeating: UInt8(0), count: 10) + [0xFF, 0xFF] + bytes
        #expect(NetworkAddress(bytes: mapped)?.kind == kind, "mapped into IPv6")
        let translated = [0x00, 0x64, 0xFF, 0x9B] + Array(repeating: UInt8(0), count: 8) + bytes
        #expect(NetworkAddress(bytes: translated)?.kind == kind, "behind a translator")
        let relayed = [0x20, 0x02] + bytes + Array(repeating: UInt8(1), count: 10)
        #expect(NetworkAddress(bytes: relayed)?.kind == kind, "6to4")
        let tunnelled = [0x20, 0x01, 0, 0] + Array(repeating: UInt8(9), count: 8) + bytes.map { ~$0 }
        #expect(NetworkAddress(bytes: tunnelled)?.kind == kind, "Teredo")
    }

    @Test(
        "IPv6, by its first groups",
        arguments: [
            ([0x2606, 0x4700], .global), ([0x2001, 0x4860], .global), ([0x2A00], .global),
            ([0xFC00], .privateNetwork), ([0xFDFF, 1], .privateNetwork), ([0xFEC0], .privateNetwork),
            ([0x0064, 0xFF9B, 1], .privateNetwork),
            ([0xFD00, 0x0EC2, 0, 0, 0, 0, 0, 0x0254], .metadata),
            ([0xFE80, 0, 0, 0, 1], .linkLocal), ([0xFEBF], .linkLocal),
            ([0, 0, 0, 0, 0, 0, 0, 1], .loopback), ([], .reserved), ([0xFF02], .reserved),
            ([0x2001, 0x0DB8], .reserved),
            ([0x3FFF, 0x0FFF], .reserved), ([0x0100], .reserved), ([0x4000], .reserved), ([0x5F00], .reserved),
            ([0, 0, 0, 0, 0, 0, 0x0A00, 1], .privateNetwork),
        ] as [([UInt16], NetworkAddress.Kind)])
    func six(_ groups: [UInt16], kind: NetworkAddress.Kind) {
        let all = groups + Array(repeating: 0, count: 8 - groups.count)
        let address = NetworkAddress(bytes: all.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        #expect(address?.kind == kind)
        #expect(address?.description == all.map { String($0, radix: 16) }.joined(separator: ":"))
    }

    @Test("nothing but four or sixteen bytes is an address")
    func length() {
        for count in 0..<20 where count != 4 && count != 16 {
            #expect(NetworkAddress(bytes: Array(repeating: 1, count: count)) == nil)
        }
        #expect(NetworkAddress(bytes: [192, 168, 0, 1])?.description == "192.168.0.1")
    }
}
