/// Takes a URI template apart (RFC 6570 §2).
enum TemplateParser {
    static func parts(of text: String) throws(MalformedMessage) -> [URITemplate.Part] {
        var parts: [URITemplate.Part] = []
        var expressions = 0
        var rest = Substring(text).utf8
        while !rest.isEmpty {
            let literal = rest.prefix { $0 != 0x7B && $0 != 0x7D }
            if !literal.isEmpty {
                parts.append(.literal(String(Substring(literal)).percentEncoded(allowsReserved: true)))
                rest = rest[literal.endIndex...]
                continue
            }
            guard rest.first == 0x7B, let end = rest.firstIndex(of: 0x7D) else {
                throw MalformedMessage("the URI template has a brace that is not one of a pair")
            }
            expressions += 1
            guard expressions <= URITemplate.maximumExpressions else {
                throw MalformedMessage("the URI template has over \(URITemplate.maximumExpressions) expressions")
            }
            parts.append(.expression(try expression(rest[rest.index(after: rest.startIndex)..<end])))
            rest = rest[rest.index(after: end)...]
        }
        return parts
    }

    private static func expression(_ text: Substring.UTF8View) throws(MalformedMessage) -> URITemplate.Expression {
        var list = text
        let form = text.first.flatMap(ExpansionForm.init(operator:))
        if form != nil { list = list.dropFirst() }
        var variables: [URITemplate.Variable] = []
        for item in list.split(separator: 0x2C, omittingEmptySubsequences: false) {
            guard let variable = variable(item) else {
                let shown = String(Substring(text)).cut(toBytes: 64)
                throw MalformedMessage("the URI template's expression {\(shown)} is not one of RFC 6570")
            }
            variables.append(variable)
        }
        return URITemplate.Expression(form: form ?? ExpansionForm(), variables: variables)
    }

    private static func variable(_ text: Substring.UTF8View) -> URITemplate.Variable? {
        var name = text
        var modifier = URITemplate.Variable.Modifier.none
        if text.last == 0x2A {
            name = text.dropLast()
            modifier = .explode
        } else if let colon = text.firstIndex(of: 0x3A) {
            name = text[..<colon]
            let digits = text[text.index(after: colon)...]
            guard (1...4).contains(digits.count), digits.allSatisfy(\.isDigit), digits.first != 0x30,
                let length = Int(String(Substring(digits)))
            else { return nil }
            modifier = .prefix(length)
        }
        return isName(name) ? URITemplate.Variable(name: String(Substring(name)), modifier: modifier) : nil
    }

    /// Letters, digits, `_` and encoded triplets, with single dots between them.
    private static func isName(_ name: Substring.UTF8View) -> Bool {
        name.split(separator: 0x2E, omittingEmptySubsequences: false)
            .allSatisfy { label in
                var label = label
                guard !label.isEmpty else { return false }
                while let byte = label.popFirst() {
                    if byte.isLetter || byte.isDigit || byte == 0x5F { continue }
                    guard byte == 0x25, label.prefix(2).count == 2, label.prefix(2).allSatisfy(\.isHexDigit) else {
                        return false
                    }
                    label = label.dropFirst(2)
                }
                return true
            }
    }
}
