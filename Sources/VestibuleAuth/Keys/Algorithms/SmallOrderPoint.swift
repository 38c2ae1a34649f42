/// The points of Ed25519 that are no use as public keys: with one of them as key, anybody can make a signature that
/// verifies, for any message, without any private half (RFC 8032 §8.5 leaves it to the user to refuse them).
enum SmallOrderPoint {
    /// - Parameter point: 32 bytes, as a key has them.
    static func contains(_ point: [UInt8]) -> Bool {
        guard point.count == 32, let last = point.last else { return false }
        // The top bit is the sign of the other coordinate; every point here is of small order with either.
        let unsigned = point.dropLast() + [last & 0x7F]
        return encodings.contains { $0.elementsEqual(unsigned) }
    }

    /// - Parameter name: What the point is called, for the error's line.
    /// - Throws: ``KeyError`` with ``KeyError/Code/corrupted`` for one of these points.
    static func refuse(_ point: [UInt8], name: String) throws(KeyError) {
        guard contains(point) else { return }
        throw KeyError(.corrupted, "\(name) is a point of small order, for which anybody can sign; replace the key")
    }

    /// The second coordinates, little end first: 0 and 1, the two of order eight, -1, and 0 and 1 once more with the
    /// field's prime added.
    private static let encodings: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31),
        [
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF,
            0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        [
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F, 0x2A, 0x20,
            0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
        primePlus(0xEC), primePlus(0xED), primePlus(0xEE),
    ]

    /// The field's prime but for its lowest byte, which is 0xED.
    private static func primePlus(_ lowest: UInt8) -> [UInt8] {
        [lowest] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]
    }
}
