extension URITemplate {
    /// The URI that the variables make (RFC 6570 §3). Those that are absent are left out, and so are empty lists.
    ///
    /// - Throws: ``MalformedMessage`` where a list is to be cut to a prefix.
    public func expand(_ values: [String: Value]) throws(MalformedMessage) -> String {
        var uri = ""
        for part in parts {
            switch part {
            case .literal(let text): uri += text
            case .expression(let expression): uri += try expression.expanded(values)
            }
        }
        return uri
    }
}

extension URITemplate.Expression {
    fileprivate func expanded(_ values: [String: URITemplate.Value]) throws(MalformedMessage) -> String {
        var pieces: [String] = []
        for variable in variables {
            switch values[variable.name] {
            case nil: continue
            case .text(let text)?:
                var text = text
                if case .prefix(let length) = variable.modifier {
                    text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(length)))
                }
                pieces.append(named(variable.name, encoded(text)))
            case .list(let elements)?:
                guard !elements.isEmpty else { continue }
                pieces.append(try expanded(variable, list: elements.map(encoded)))
            case .pairs(let elements)?:
                guard !elements.isEmpty else { continue }
                pieces.append(try expanded(variable, pairs: elements.map(encoded)))
            }
        }
        return pieces.isEmpty ? "" : form.opening + pieces.joined(separator: form.separator)
    }

    private func expanded(
        _ variable: URITemplate.Variable, list: [String]
    ) throws(MalformedMessage) -> String {
        switch variable.modifier {
        case .explode: return list.map { named(variable.name, $0) }.joined(separator: form.separator)
        case .none: return named(variable.name, list.joined(separator: ","))
        case .prefix: throw MalformedMessage("\(variable.name) is a list, of which no prefix can be taken")
        }
    }

    private func expanded(
        _ variable: URITemplate.Variable, pairs: [String]
    ) throws(MalformedMessage) -> String {
        guard variable.modifier == .explode else { return try expanded(variable, list: pairs) }
        return stride(from: 0, to: pairs.count - 1, by: 2)
            .map { index in
                let value = pairs[index + 1]
                return value.isEmpty && form.isNamed && !form.equalsWithoutValue
                    ? pairs[index] : "\(pairs[index])=\(value)"
            }
            .joined(separator: form.separator)
    }

    private func encoded(_ text: String) -> String { text.percentEncoded(allowsReserved: form.allowsReserved) }

    private func named(_ name: String, _ value: String) -> String {
        guard form.isNamed else { return value }
        return value.isEmpty && !form.equalsWithoutValue ? name : "\(name)=\(value)"
    }
}
