extension RSAKeyMaterial {
    /// Whether the modulus looks like one from the smart cards whose keys can be factored (CVE-2017-15361, "ROCA").
    ///
    /// Their primes are powers of 65537 modulo each of the first small primes, so their product is one, too. Of sound keys
    /// one in two hundred million looks so by chance.
    static func isFromWeakCard(modulus: [UInt8]) -> Bool {
        smallPrimes.allSatisfy { prime in
            let remainder = modulus.reduce(0) { ($0 << 8 | UInt32($1)) % prime }
            var power: UInt32 = 1
            repeat {
                if power == remainder { return true }
                power = power * 65537 % prime
            } while power != 1
            return false
        }
    }

    private static let smallPrimes: [UInt32] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
        113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ]
}
