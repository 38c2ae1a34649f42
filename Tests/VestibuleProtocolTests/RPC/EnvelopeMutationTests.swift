import Testing
import VestibuleProtocol

@Suite("Envelope scan against the tree parser")
struct EnvelopeMutationTests {
    @Test("good and bad bodies get one verdict from both")
    func tables() {
        for body in EnvelopeTable.good.map(\.body) + EnvelopeTable.bad.map(\.body) {
            #expect(Agreement.problem(Array(body.utf8)) == nil, "\(body)")
        }
    }

    @Test("10,000 mutations of good bodies get one verdict from both, and none traps", arguments: 1...4)
    func mutations(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bodies = EnvelopeTable.good.map { Array($0.body.utf8) }
        let alphabet = Array("{}[]:,\"\\/ntu0019.-+eE \n\u{E9}\u{1F600}dmethodparamsidnamejsonrpc".utf8)
        var accepted = 0
        for round in 0..<2_500 {
            let body = bodies[round % bodies.count].mutated(by: &generator, alphabet: alphabet)
            let problem = Agreement.problem(body)
            #expect(problem == nil, "\(String(decoding: body, as: UTF8.self))")
            if (try? Envelope.scan(body)) != nil { accepted += 1 }
        }
        #expect(accepted > 50, "mutations that leave a message good are part of the test")
    }

    @Test("bytes at random are refused by both")
    func noise() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<1_000 {
            let count = Int.random(in: 0...64, using: &generator)
            let body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Agreement.problem(body) == nil)
        }
    }
}
