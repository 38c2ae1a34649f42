import Testing

@testable import VestibuleServer

@Suite("The ids of requests")
struct RequestIDTests {
    @Test("no two are alike, and each is as long and as plain as a random one")
    func distinct() {
        let ids = (0..<20_000).map { _ in RandomID.makeForRequest() }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.utf8.count == RandomID.make().utf8.count })
    }
}
