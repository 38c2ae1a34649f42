// The envelope scan: it says of every body what the tree parser says, and its ranges lie within the body. A batch is
// cut into the elements of its array.

import FuzzSupport
import VestibuleProtocol

fuzz { input in
    if let problem = Agreement.problem(input) { violated(problem) }
    if let envelope = try? Envelope.scan(input) {
        for range in [envelope.params, envelope.arguments, envelope.meta].compactMap(\.self) {
            demand(0 <= range.lowerBound && range.upperBound <= input.count, "a range lies outside the body")
        }
        demand(envelope.method.utf8.count <= Envelope.maximumMethodLength, "a method beyond its bound")
    }

    let value = try? JSONParser().parse(input)
    guard let messages = try? MessageBatch.split(input) else {
        if let count = value?.array?.count {
            demand(!(1...MessageBatch.maximumCount).contains(count), "a batch of \(count) messages is refused")
        }
        return
    }
    demand(MessageBatch.isBatch(input), "a batch that is none by its first byte")
    let elements = messages.map { try? JSONParser().parse(input[$0]) }
    demand(elements == value?.array.map { $0.map(Optional.some) }, "the batch was cut elsewhere than the array")
}
