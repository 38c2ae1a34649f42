// The tree parser and the writer: what is accepted is written and read back as the same value, and each stricter
// reading accepts a part of what a looser one accepts.

import FuzzSupport
import VestibuleProtocol

fuzz { input in
    let parsed = Result { () throws(JSONError) in try JSONParser().parse(input) }
    if case .failure(let error) = parsed {
        demand((0...input.count).contains(error.offset), "an error lies outside the text: \(error)")
    }

    let strict = Result { () throws(JSONError) in
        try JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(input)
    }
    let tight = Result { () throws(JSONError) in
        try JSONParser(
            limits: JSONLimits(maximumSize: 256, maximumDepth: 4, maximumNumberLength: 8, duplicates: .refuse)
        )
        .parse(input)
    }
    guard case .success(let value) = parsed else {
        if case .success = strict { violated("the strict reading accepts what the plain one refuses") }
        if case .success = tight { violated("the tight reading accepts what the plain one refuses") }
        return
    }
    switch strict {
    case .success(let same): demand(same == value && !hasDuplicate(value), "the strict reading missed a duplicate")
    case .failure(let error): demand(error.code == .duplicateMember && hasDuplicate(value), "no duplicate: \(error)")
    }
    if case .success(let same) = tight {
        demand(same == value && input.count <= 256 && depth(value) <= 4, "the tight reading let too much pass")
    }

    let written = value.serialized
    demand((try? JSONParser().parse(written)) == value, "what was written is read back as something else")
    demand(String(validating: written, as: UTF8.self) != nil, "what was written is not UTF-8")
    demand(!written.contains { $0 < 0x20 }, "what was written holds a control character")
    visitNumbers(value)
}

func hasDuplicate(_ value: JSONValue) -> Bool {
    switch value {
    case .array(let elements): elements.contains(where: hasDuplicate)
    case .object(let object):
        Set(object.names.map(ByteKey.init)).count < object.count || object.members.contains { hasDuplicate($0.value) }
    default: false
    }
}

func depth(_ value: JSONValue) -> Int {
    switch value {
    case .array(let elements): 1 + (elements.map(depth).max() ?? 0)
    case .object(let object): 1 + (object.members.map { depth($0.value) }.max() ?? 0)
    default: 0
    }
}

func visitNumbers(_ value: JSONValue) {
    switch value {
    case .number(let number):
        demand(JSONNumber(literal: number.literal) == number, "a number's own literal is refused")
        guard let integer = number.integer else { return }
        demand(number.double == Double(integer), "integer and double of \(number.literal) differ")
    case .array(let elements): elements.forEach(visitNumbers)
    case .object(let object): object.members.forEach { visitNumbers($0.value) }
    default: break
    }
}
