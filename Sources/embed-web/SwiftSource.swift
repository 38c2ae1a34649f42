/// Swift source that holds the files as string literals, a line each: those compile in no time, array literals do not.
enum SwiftSource {
    static func text(of files: [WebFile]) -> String {
        var text = "// Made of the files in Web/ by embed-web. Do not edit.\n\nextension EmbeddedFile {\n"
        text += "    static let all: [EmbeddedFile] = [\n"
        for (index, file) in files.enumerated() {
            text += "        EmbeddedFile(path: \(literal(file.path)), contents: file\(index)),\n"
        }
        text += "    ]\n}\n"
        for (index, file) in files.enumerated() {
            text += "\nprivate let file\(index): StaticString = \(literal(file.text))\n"
        }
        return text
    }

    static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": literal += "\\\\"
            case "\"": literal += "\\\""
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            case "\u{20}"..."\u{7E}": literal.unicodeScalars.append(scalar)
            // Everything else by its number: no byte of the file depends on how a compiler reads its source.
            default: literal += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return literal + "\""
    }
}
