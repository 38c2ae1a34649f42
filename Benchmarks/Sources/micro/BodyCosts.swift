import Foundation
import Measuring
import VestibuleProtocol

/// What it costs to read a request's body, by its size.
struct BodyCosts {
    let comparison: Comparison

    func run() async throws {
        for (name, size) in [("200 B", 200), ("2 kB", 2_000), ("64 kB", 64_000), ("1 MB", 1_000_000)] {
            let body = Self.body(of: size)
            let data = Data(body)
            try await comparison.run(
                name,
                [
                    Subject("envelope scan") { times in
                        for _ in 0..<times { consume(try Envelope.scan(body)) }
                    },
                    Subject("tree") { times in
                        for _ in 0..<times { consume(try JSONParser().parse(body)) }
                    },
                    Subject("JSONSerialization") { times in
                        for _ in 0..<times { consume(try JSONSerialization.jsonObject(with: data)) }
                    },
                ])
        }
    }

    /// A call whose arguments are records of the usual kinds, so many that the body has about that size.
    private static func body(of size: Int) -> [UInt8] {
        let head =
            #"{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":"records_put","arguments":{"records":["#
        let tail = "]}}}"
        let record = #"{"name":"Zoë \u00e9 \"q\"","size":18446,"ratio":0.25,"tags":["a","bc"],"open":true,"note":null}"#
        let count = max(1, (size - head.utf8.count - tail.utf8.count) / (record.utf8.count + 1))
        let records = Array(repeating: record, count: count).joined(separator: ",")
        return Array((head + records + tail).utf8)
    }
}
