extension URITemplate {
    /// The longest URI that is matched, in bytes. A longer one matches nothing.
    public static let maximumURILength = 8_192
    /// The most attempts that one match may make. With more, nothing matches.
    static let maximumAttempts = 100_000

    /// The variables of a URI that this template can have made; `nil` where it cannot.
    ///
    /// A variable takes as little as it can and at least one character, and no `/` unless its form leaves reserved
    /// characters as they are (`{+path}`, `{#path}`). Those of a query (`{?a,b}`) may come in any order, be missing or be
    /// empty; names that the template does not know match nothing. Values are decoded; one that is not UTF-8 matches
    /// nothing. What `%2F` stands for is a slash in the value: whoever takes it for a path checks it.
    public func match(_ uri: String) -> [String: Value]? {
        guard uri.utf8.count <= Self.maximumURILength else { return nil }
        var match = TemplateMatch(Array(uri.utf8), pieces: parts.flatMap(TemplateMatch.pieces))
        return match.run() ? match.values : nil
    }
}

/// One attempt to find a template in a URI, with the places that have failed already, so that none is tried twice.
private struct TemplateMatch {
    enum Piece {
        case literal([UInt8])
        /// A value: which characters it may have, and what becomes of it.
        case value(URITemplate.Variable, ExpansionForm)
        /// All of `{?…}`, `{&…}` or `{;…}`.
        case query([URITemplate.Variable], ExpansionForm)
    }

    private let uri: [UInt8]
    private let pieces: [Piece]
    private var failed: Set<Int> = []
    private var attempts = 0
    var values: [String: URITemplate.Value] = [:]

    init(_ uri: [UInt8], pieces: [Piece]) {
        self.uri = uri
        self.pieces = pieces
    }

    static func pieces(of part: URITemplate.Part) -> [Piece] {
        switch part {
        case .literal(let text): return [.literal(Array(text.utf8))]
        case .expression(let expression):
            let form = expression.form
            if form.isNamed { return [.query(expression.variables, form)] }
            var pieces: [Piece] = form.opening.isEmpty ? [] : [.literal(Array(form.opening.utf8))]
            for (index, variable) in expression.variables.enumerated() {
                if index > 0 { pieces.append(.literal(Array(form.separator.utf8))) }
                pieces.append(.value(variable, form))
            }
            return pieces
        }
    }

    mutating func run() -> Bool { matches(piece: 0, from: 0) }

    private mutating func matches(piece index: Int, from start: Int) -> Bool {
        guard index < pieces.count else { return start == uri.count }
        let place = index * (uri.count + 1) + start
        attempts += 1
        guard attempts <= URITemplate.maximumAttempts, !failed.contains(place) else { return false }
        let matches =
            switch pieces[index] {
            case .literal(let text):
                uri[start...].starts(with: text) && self.matches(piece: index + 1, from: start + text.count)
            case .value(let variable, let form): matchesValue(variable, form, index, start)
            case .query(let variables, let form): matchesQuery(variables, form, index, start)
            }
        if !matches { failed.insert(place) }
        return matches
    }

    private mutating func matchesValue(
        _ variable: URITemplate.Variable, _ form: ExpansionForm, _ index: Int, _ start: Int
    ) -> Bool {
        // What follows tells where a value can end, which spares most attempts.
        var next: UInt8?
        if index + 1 < pieces.count, case .literal(let text) = pieces[index + 1] { next = text.first }
        let isLast = index + 1 == pieces.count
        var end = start
        while end < uri.count, isAllowed(uri[end], variable, form) {
            end += 1
            if isLast ? end < uri.count : next.map({ end >= uri.count || uri[end] != $0 }) ?? false { continue }
            let before = values
            if matches(piece: index + 1, from: end), keep(variable, form, uri[start..<end]) { return true }
            values = before
        }
        return false
    }

    private func isAllowed(_ byte: UInt8, _ variable: URITemplate.Variable, _ form: ExpansionForm) -> Bool {
        if byte.isUnreserved || byte == 0x25 { return true }
        if form.allowsReserved { return byte.isReserved }
        return byte == 0x2C || variable.modifier == .explode && form.separator.utf8.first == byte
            || byte == 0x3D
                && variable.modifier == .explode
    }

    private mutating func keep(
        _ variable: URITemplate.Variable, _ form: ExpansionForm, _ bytes: ArraySlice<UInt8>
    ) -> Bool {
        guard variable.modifier == .explode, let separator = form.separator.utf8.first else {
            guard let text = Self.decoded(bytes) else { return false }
            return keep(variable.name, .text(text))
        }
        let elements = bytes.split(separator: separator, omittingEmptySubsequences: false).map(Self.decoded)
        let texts = elements.compactMap { $0 }
        return texts.count == elements.count && keep(variable.name, .list(texts))
    }

    /// Keeps a value. A variable that is there twice has to have the same one.
    private mutating func keep(_ name: String, _ value: URITemplate.Value) -> Bool {
        if let other = values[name] { return other == value }
        values[name] = value
        return true
    }

    private mutating func matchesQuery(
        _ variables: [URITemplate.Variable], _ form: ExpansionForm, _ index: Int, _ start: Int
    ) -> Bool {
        guard start < uri.count, let opening = form.opening.utf8.first, uri[start] == opening else {
            return matches(piece: index + 1, from: start)
        }
        // It ends where the next literal begins, or with the URI.
        var end = uri.count
        if index + 1 < pieces.count {
            guard case .literal(let text) = pieces[index + 1], let first = text.first,
                let found = uri[(start + 1)...].firstIndex(of: first)
            else { return false }
            end = found
        }
        guard let separator = form.separator.utf8.first, matches(piece: index + 1, from: end) else { return false }
        var found: [String: [String]] = [:]
        for pair in uri[(start + 1)..<end].split(separator: separator, omittingEmptySubsequences: false) {
            let name = pair.prefix { $0 != 0x3D }
            guard let variable = variables.first(where: { $0.name.utf8.elementsEqual(name) }),
                let value = Self.decoded(pair.dropFirst(name.count + 1))
            else { return false }
            found[variable.name, default: []].append(value)
        }
        for variable in variables {
            guard let texts = found[variable.name] else { continue }
            if variable.modifier == .explode {
                guard keep(variable.name, .list(texts)) else { return false }
            } else {
                guard texts.count == 1, keep(variable.name, .text(texts[0])) else { return false }
            }
        }
        return true
    }

    /// The text that percent-encoded bytes stand for; `nil` where they are not UTF-8.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                output.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue else { return nil }
            output.append(high << 4 | low)
        }
        return String(validating: output, as: UTF8.self)
    }
}
