/// Small pictures, drawn by computation.
enum SamplePictures {
    static let logo = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80" role="img" aria-label="A loaf of bread">
          <ellipse cx="60" cy="48" rx="52" ry="26" fill="#b5732e"/>
          <ellipse cx="60" cy="42" rx="48" ry="20" fill="#d9a05b"/>
          <path d="M34 34 l10 14 M54 30 l10 16 M74 32 l10 14" stroke="#8a5420" stroke-width="4" stroke-linecap="round"/>
        </svg>

        """

    static var plot: String {
        let points = (0...48)
            .map { step in
                // A day's course by a parabola on each side of noon.
                let offset = step % 24 - 12
                let height = 80 - (144 - offset * offset) * 60 / 144
                return "\(10 + step * 5),\(height)"
            }
            .joined(separator: " ")
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 260 100" role="img" aria-label="Temperature of two days">
              <path d="M10 10 V85 H255" fill="none" stroke="#444"/>
              <polyline points="\(points)" fill="none" stroke="#c03030" stroke-width="2"/>
            </svg>

            """
    }

    typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)

    static func gradient(_ x: Int, _ y: Int) -> Colour {
        (UInt8(clamping: 255 - x), UInt8(clamping: 120 + x), UInt8(clamping: 64 + y * 3))
    }

    static func loaf(_ x: Int, _ y: Int) -> Colour {
        let (dx, dy) = (x - 32, (y - 26) * 2)
        let distance = dx * dx + dy * dy
        if distance > 28 * 28 { return (250, 246, 238) }
        if distance > 24 * 24 { return (150, 92, 38) }
        return (x + y) % 14 < 3 ? (176, 116, 52) : (217, 160, 91)
    }

    /// A PNG (ISO/IEC 15948) of 8-bit RGB whose compressed stream is stored as it is (RFC 1951 §3.2.4).
    static func png(width: Int, height: Int, _ colour: (_ x: Int, _ y: Int) -> Colour) -> [UInt8] {
        var pixels: [UInt8] = []
        for y in 0..<height {
            pixels.append(0)
            for x in 0..<width {
                let (red, green, blue) = colour(x, y)
                pixels += [red, green, blue]
            }
        }
        let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("IDAT", zlib(pixels)) + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let named = Array(type.utf8) + content
        return bigEndian(UInt32(content.count)) + named + bigEndian(crc32(named))
    }

    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = [0x78, 0x01]
        var start = 0
        repeat {
            let end = min(start + 65_535, bytes.count)
            let length = UInt16(end - start)
            output.append(end == bytes.count ? 1 : 0)
            for value in [length, ~length] { output += [UInt8(value & 0xFF), UInt8(value >> 8)] }
            output += bytes[start..<end]
            start = end
        } while start < bytes.count
        return output + bigEndian(adler32(bytes))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF as UInt32) { crc, byte in
            (0..<8)
                .reduce(crc ^ UInt32(byte)) { value, _ in
                    value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
                }
        }
    }

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
