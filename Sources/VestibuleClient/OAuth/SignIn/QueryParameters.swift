internal import VestibuleProtocol

/// The query of a URL, strictly: no name twice (RFC 6749 §3.1), lawful escapes, at most 8 KiB and 50 parameters.
package struct QueryParameters: Sendable {
    private var values: [ByteKey: String] = [:]

    package init?(url: String) {
        guard url.utf8.count <= 8192, let mark = url.firstIndex(of: "?") else { return nil }
        let query = url[url.index(after: mark)...].prefix { $0 != "#" }
        let pairs = query.utf8.split(separator: UInt8(ascii: "&"))
        guard pairs.count <= 50 else { return nil }
        for pair in pairs {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = pair.dropFirst(name.count + 1)
            guard let name = Self.decode(name), let value = Self.decode(value),
                values.updateValue(value, forKey: ByteKey(name)) == nil
            else { return nil }
        }
    }

    package subscript(name: String) -> String? { values[ByteKey(name)] }

    private static func decode(_ text: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
