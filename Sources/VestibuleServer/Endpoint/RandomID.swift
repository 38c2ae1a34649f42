internal import Synchronization
internal import VestibuleProtocol

/// Identifiers that nobody can guess, from the system's cryptographic generator.
package enum RandomID {
    /// 128 random bits as 22 characters of base64url.
    package static func make() -> String { make(words: 2) }

    /// 256 random bits as 43 characters of base64url: for what is a credential, not only a name.
    package static func makeSecret() -> String { make(words: 4) }

    /// 128 bits as 22 characters of base64url that no other request has, in this process or another. Not a secret, so one
    /// draw from the system's generator serves for all: a system call for each would be among the dearest parts of a
    /// request.
    static func makeForRequest() -> String {
        let number = requests.wrappingAdd(1, ordering: .relaxed).newValue
        let halves = [process, mixed(number &+ process)]
        return halves.withUnsafeBytes { Base64URL.encode($0) }
    }

    private static let process: UInt64 = .random(in: .min ... .max)
    private static let requests = Atomic<UInt64>(0)

    /// SplitMix64's finaliser: every number becomes another one, and neighbours look nothing alike.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var word = number &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    private static func make(words: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words * 8)
        for _ in 0..<words {
            let word: UInt64 = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return Base64URL.encode(bytes)
    }
}
