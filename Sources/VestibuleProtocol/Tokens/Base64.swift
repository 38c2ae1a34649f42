/// base64 with padding (RFC 4648 §4), strict: the padding is due, no white space, no spare bits.
public enum Base64 {
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = Base64URL.encode(bytes).utf8
            .map { character in
                switch character {
                case 0x2D: 0x2B
                case 0x5F: 0x2F
                default: character
                }
            }
        text.append(contentsOf: repeatElement(0x3D, count: (4 - text.count % 4) % 4))
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes, or `nil` where the text is not the one encoding of some bytes.
    public static func decode(_ text: String) -> [UInt8]? {
        var text = Array(text.utf8)
        guard text.count % 4 == 0 else { return nil }
        for _ in 0..<2 where text.last == 0x3D { text.removeLast() }
        for index in text.indices {
            switch text[index] {
            case 0x2B: text[index] = 0x2D
            case 0x2F: text[index] = 0x5F
            case 0x2D, 0x5F: return nil
            default: break
            }
        }
        return Base64URL.decode(text)
    }
}
