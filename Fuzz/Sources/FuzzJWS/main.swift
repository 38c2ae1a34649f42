// Tokens: nobody without the key makes one that is accepted, whatever is accepted satisfies every rule by another
// reading of it, the cache never changes a verdict, and no explanation shows a signature.

import Crypto
import FuzzSupport
import Synchronization
import VestibuleAuth
import VestibuleProtocol

let house = House()

fuzz { input in
    guard let mode = input.first else { return }
    let rest = input.dropFirst()
    switch mode % 4 {
    case 0: house.checkForgery(String(decoding: rest, as: UTF8.self))
    case 1:
        let parts = rest.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        house.checkForgery(parts.map { Base64URL.encode($0) }.joined(separator: "."))
    case 2: house.checkSigned(rest)
    default: house.checkHeader(rest)
    }
}
