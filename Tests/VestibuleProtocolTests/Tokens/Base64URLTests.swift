import Testing
import VestibuleProtocol

@Suite("base64url")
struct Base64URLTests {
    @Test(
        "the vectors of RFC 4648, without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(_ text: String, _ encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(text.utf8))
    }

    @Test("the alphabet is the one for URLs")
    func alphabet() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        #expect(Base64URL.decode(alphabet).map { Base64URL.encode($0) } == alphabet)
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
    }

    @Test(
        "everything but the one encoding is refused",
        arguments: [
            "A", "AAAAA", "Zg==", "Zm8=", "Zm9v=", "Zh", "Zv", "Zm9", "+A", "/A", "--__+", "Zm 9v", " Zm9v", "Zm9v\n",
            "Zm9v\0", "Zm9\u{E9}", "Zm9v.", "\u{FF3A}g",
        ])
    func strict(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("all bytes outside the alphabet are refused at every place")
    func everyByte() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for byte in UInt8.min ... .max {
            for place in 0..<6 {
                var text = Array("AAAAAA".utf8)
                text[place] = byte
                // At the end the low bits would have to be zero as well.
                let isAllowed = alphabet.contains(byte) && (place < 5 || "AQgw".utf8.contains(byte))
                #expect((Base64URL.decode(text) != nil) == isAllowed, "\(byte) at \(place)")
            }
        }
    }

    @Test("bytes of every length survive, from any collection")
    func roundTrip() {
        var generator = SeededGenerator(seed: 4648)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            #expect(Base64URL.encode(bytes[...]) == text)
            #expect(Base64URL.decode(AnyCollection(Array(text.utf8))) == bytes, "without contiguous storage")
        }
    }
}
