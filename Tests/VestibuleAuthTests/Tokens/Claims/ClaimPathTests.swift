import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A path leads to a claim")
struct ClaimPathTests {
    private static let claims: JSONObject = [
        "plain": "1", "realm_access": ["roles": "2", "a.b": ["c": "3"]], "https://example.com/roles": "4",
        "https://example.com/app": ["roles": "5"], "x": ["y": "6", "z": "7"], "x.y": "8", "p": ["q": ["r": "9"]],
        "p.q": "no object", "caf\u{E9}": "10", "": ["": "11"],
        "resource_access": ["my.client": ["roles": "12"], "my": ["client": ["roles": "13", "groups": "14"]]],
    ]

    @Test(
        "the longest name that is there is meant, at every step",
        arguments: [
            ("plain", "1"), ("realm_access.roles", "2"), ("realm_access.a.b.c", "3"),
            ("https://example.com/roles", "4"), ("https://example.com/app.roles", "5"), ("x.y", "8"), ("x.z", "7"),
            ("p.q.r", nil), ("caf\u{E9}", "10"), ("cafe\u{301}", nil), (".", "11"), ("", nil), ("plain.x", nil),
            ("resource_access.my.client.roles", "12"), ("resource_access.my.client.groups", nil), ("missing", nil),
            ("realm_access.roles.x", nil), ("realm_access.", nil), ("Plain", nil),
        ] as [(String, String?)])
    func lookup(_ path: String, _ due: String?) {
        let found = ClaimPath(path).value(in: Self.claims)
        #expect(found?.string == due)
    }

    @Test("a path of nothing but dots costs no more than its bound")
    func bound() {
        var value: JSONValue = "deep"
        for _ in 0..<40 { value = ["a": value] }
        let claims = value.object ?? JSONObject()
        let path = { (depth: Int) in ClaimPath(Array(repeating: "a", count: depth).joined(separator: ".")) }
        #expect(path(17).value(in: claims) != nil)
        #expect(path(18).value(in: claims) == nil, "the last name is then a.a, which is nobody's")
        #expect(ClaimPath(String(repeating: ".", count: 10_000)).value(in: claims) == nil)
    }
}
