import Foundation
import FuzzSupport
import VestibuleAuth
import VestibuleProtocol

/// The rules for an accepted token, told a second time and read with Foundation's parser instead of ours.
struct Oracle {
    let header: [UInt8]
    let payload: [UInt8]

    func check(_ principal: Principal, now: NumericDate) {
        let leeway = 5.0
        let header = object(header)
        let claims = object(payload)
        demand(header["alg"] as? String == "HS256", "accepted with alg \(header["alg"] ?? "none")")
        demand(header["crit"] == nil, "accepted with crit")
        if let kid = header["kid"] {
            demand(kid as? String == "signed", "accepted with kid \(kid)")
        } else {
            demand(claims["iss"] as? String == "loose", "accepted without kid")
        }
        let audiences = claims["aud"] as? [String] ?? [claims["aud"] as? String ?? ""]
        switch claims["iss"] as? String {
        case "loose":
            demand(audiences.contains("mcp"), "accepted for \(audiences)")
            guard let issued = claims["iat"] as? Double else { violated("accepted without age") }
            demand(now.seconds - issued <= 300 + leeway, "accepted too old")
        case House.issuer:
            demand(audiences.contains("mcp") || audiences.contains(House.audience), "accepted for \(audiences)")
        default: violated("accepted of \(claims["iss"] ?? "nobody")")
        }
        guard let expiration = claims["exp"] as? Double else { violated("accepted without exp") }
        demand(now.seconds < expiration + leeway, "accepted after its exp")
        for name in ["nbf", "iat"] where claims[name] != nil {
            guard let date = claims[name] as? Double else { violated("accepted with \(name) that is no date") }
            demand(date <= now.seconds + leeway, "accepted before its \(name)")
        }
        demand(!principal.subject.isEmpty, "accepted without subject")
        if let subject = claims["sub"] as? String {
            demand(Array(subject.utf8) == Array(principal.subject.utf8), "another subject: \(principal.subject)")
        }
    }

    private func object(_ bytes: [UInt8]) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]) ?? [:]
    }
}
