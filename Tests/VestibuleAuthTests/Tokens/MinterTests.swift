import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("The minter makes tokens that the verifier accepts, and no others")
struct MinterTests {
    let fixture = Fixture()

    private func claims(ttl: Duration = TokenClaims.defaultTimeToLive, extra: JSONObject = [:]) -> TokenClaims {
        TokenClaims(
            issuer: Fixture.issuer, audience: [Fixture.audience], subject: "ada", scope: ["read", "write"],
            permissions: ["s3:GetObject"], roles: ["reader"], buckets: ["demo-bucket"], timeToLive: ttl, extra: extra)
    }

    private func minter() throws -> TokenMinter { TokenMinter(ring: try fixture.ring, clock: fixture.clock) }

    @Test("what is minted is accepted, claim by claim")
    func roundTrip() throws {
        let token = try minter().mint(claims(extra: ["level": "deep"]))
        let principal = try fixture.verifier().verify(token).get()
        #expect(principal.subject == "ada")
        #expect(principal.scope == [ByteKey("read"), ByteKey("write")])
        #expect(principal.permissions == [ByteKey("s3:GetObject")])
        #expect(principal.roles == [ByteKey("reader")])
        #expect(principal.buckets == ["demo-bucket"])
        #expect(principal.claims["level"] == "deep")
        #expect(principal.keyID == "ec-1")
        #expect(principal.issuedAt == Fixture.now)
        #expect(principal.expiration == NumericDate(Fixture.now.seconds + 300), "five minutes by default")
        #expect(try CompactToken(token).header["typ"] == "at+jwt")
    }

    @Test("what is minted is an access token by RFC 9068, with each claim that is due")
    func profile() throws {
        let issuer = TrustedIssuer(
            name: "own", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(try fixture.ring),
            tokenType: .accessToken)
        let verifier = TokenVerifier(issuers: [issuer], clock: fixture.clock)
        for (extra, client) in [([:], "vestibule"), (["client_id": "web"], "web")] as [(JSONObject, String)] {
            let principal = try verifier.verify(try minter().mint(claims(extra: extra))).get()
            #expect(principal.claims["client_id"]?.string == client)
            for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
                #expect(principal.claims[name] != nil, "RFC 9068 §2.2: \(name)")
            }
        }
        var named = claims()
        named.clientID = "cli"
        #expect(try verifier.verify(try minter().mint(named)).get().claims["client_id"] == "cli")
    }

    @Test("every token has an id of its own, unless it is given one")
    func identifiers() throws {
        let minter = try minter()
        let ids = try (0..<50).map { _ in try CompactToken(minter.mint(claims())).claims["jti"]?.string }
        #expect(Set(ids).count == 50)
        #expect(ids.allSatisfy { $0?.count == 22 })
        var named = claims()
        named.tokenID = "mine"
        #expect(try CompactToken(minter.mint(named)).claims["jti"] == "mine")
    }

    @Test("next and verifying keys sign when they are named, retired and unknown ones never")
    func keys() throws {
        let minter = try minter()
        for kid in ["ed-1", "hs-1"] {
            #expect(try fixture.verifier().verify(minter.mint(claims(), kid: kid)).get().keyID == kid)
        }
        for (kid, says) in [("ec-0", "was retired at"), ("ed-0", "was retired at"), ("ec-9", "holds no key")] {
            let error = #expect(throws: MintingError.self) { try minter.mint(claims(), kid: kid) }
            #expect(error?.description.contains(says) == true)
        }
    }

    @Test("without an active key nothing is minted")
    func noActive() throws {
        let minter = TokenMinter(ring: try KeyRing([fixture.next]), clock: fixture.clock)
        #expect(throws: MintingError.self) { try minter.mint(claims()) }
    }

    @Test("extra claims cannot be ones that have an option of their own", arguments: TokenClaims.reserved)
    func reserved(_ name: String) throws {
        let error = #expect(throws: MintingError.self) { try minter().mint(claims(extra: JSONObject([(name, "x")]))) }
        #expect(error?.description.contains(name) == true)
    }

    @Test(
        "the time to live is more than zero and at most ten years",
        arguments: [
            (Duration.zero, false), (.seconds(-1), false), (.milliseconds(500), true), (.seconds(315_360_000), true),
            (.seconds(315_360_001), false),
        ])
    func timeToLive(_ ttl: Duration, isAccepted: Bool) throws {
        #expect(((try? minter().mint(claims(ttl: ttl))) != nil) == isAccepted)
    }

    @Test("a token of several audiences has an array, of one a string; a subject is due")
    func shape() throws {
        var several = claims()
        several.audience = ["a", Fixture.audience]
        #expect(try CompactToken(minter().mint(several)).claims["aud"] == ["a", .string(Fixture.audience)])
        #expect(try CompactToken(minter().mint(claims())).claims["aud"] == .string(Fixture.audience))
        several.subject = ""
        #expect(throws: MintingError.self) { try minter().mint(several) }
    }

    @Test("a public key alone cannot sign")
    func publicOnly() throws {
        let imported = try KeyRing(jwks: try fixture.ring.jwks, createdAt: Fixture.now)
        #expect(throws: MintingError.self) { try TokenMinter.sign([:], with: imported.keys[0]) }
    }
}
