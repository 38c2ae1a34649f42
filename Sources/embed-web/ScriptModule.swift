/// A module as far as the bundle needs it: what it imports and exports, and the rest of its text.
///
/// Only part of the module syntax is read, and everything else is refused with its line: `import` and `export` stand at
/// the start of a line, end with a semicolon, and name things; nothing is exported that changes afterwards.
struct ScriptModule {
    struct Import {
        enum Names {
            /// Local names by what they are called there.
            case named([(exported: String, local: String)])
            /// `* as name`.
            case all(String)
            /// Only run.
            case none
        }
        /// The path of the other module, counted from the folder.
        var path: String
        var names: Names
        var line: Int
    }

    /// Something exported: a name of this module, or one of another.
    struct Export {
        var name: String
        var local: String
        /// The path of the module that `local` belongs to, where it is not this one.
        var path: String?
        var line: Int
    }

    let path: String
    private(set) var imports: [Import] = []
    private(set) var exports: [Export] = []
    /// The paths of modules all of whose names are exported from here, too.
    private(set) var exportsAll: [(path: String, line: Int)] = []
    /// The text without its import and export statements, and without `export` before declarations.
    private(set) var body = ""
    private let folder: String
    private let tokens: [ScriptScanner.Token]

    /// - Throws: ``EmbeddingError`` at the first statement that is none of those above.
    init(_ file: WebFile, folder: String) throws {
        self.path = file.path
        self.folder = folder
        self.tokens = ScriptScanner.tokens(of: file.text)
        var removed: [Range<Int>] = []
        var index = 0
        while index < tokens.count {
            let token = tokens[index]
            let isMember = index > 0 && tokens[index - 1].text == "."
            guard token.kind == .word, !isMember else {
                index += 1
                continue
            }
            switch token.text {
            case "import", "export":
                guard token.column == 0, token.depth == 0 else {
                    throw error(
                        token,
                        "\(token.text) has to stand at the start of a line; import() and import.meta "
                            + "do not work in a bundle")
                }
                var statement = Statement(tokens: tokens, index: index)
                if token.text == "import" {
                    try readImport(&statement)
                    removed.append(token.range.lowerBound..<statement.end)
                } else if try readExport(&statement) {
                    removed.append(token.range.lowerBound..<statement.end)
                } else {
                    // The declaration stays, the word before it goes.
                    removed.append(token.range.lowerBound..<tokens[index + 1].range.lowerBound)
                }
                index = statement.index
            case "await" where token.depth == 0 && !isInArrow(index):
                throw error(token, "await outside of a function does not work in a bundle")
            default: index += 1
            }
        }
        let bytes = Array(file.text.utf8)
        var rest = 0
        for range in removed {
            body += String(decoding: bytes[rest..<range.lowerBound], as: UTF8.self)
            rest = range.upperBound
        }
        body += String(decoding: bytes[rest...], as: UTF8.self)
    }

    /// Whether an arrow stands before the token in its statement: `const f = async () => await g();`
    private func isInArrow(_ index: Int) -> Bool {
        var position = index
        while position > 1, tokens[position - 1].text != ";" {
            position -= 1
            if tokens[position].text == ">", tokens[position - 1].text == "=" { return true }
        }
        return false
    }

    private func error(_ token: ScriptScanner.Token, _ message: String) -> EmbeddingError {
        EmbeddingError("\(folder)/\(path)", line: token.line, message)
    }

    // MARK: Statements

    /// The tokens of a statement, taken one after the other.
    private struct Statement {
        let tokens: [ScriptScanner.Token]
        var index: Int
        let first: ScriptScanner.Token

        init(tokens: [ScriptScanner.Token], index: Int) {
            self.tokens = tokens
            self.index = index + 1
            self.first = tokens[index]
        }

        /// Behind the last token taken.
        var end: Int { tokens[index - 1].range.upperBound }
        var next: ScriptScanner.Token? { index < tokens.count ? tokens[index] : nil }

        mutating func take(_ text: String) -> Bool {
            guard next?.text == text else { return false }
            index += 1
            return true
        }

        mutating func takeName() -> String? {
            guard let next, next.kind == .word else { return nil }
            index += 1
            return next.text
        }

        mutating func takeString() -> String? {
            guard let next, next.kind == .string else { return nil }
            index += 1
            return String(next.text.dropFirst().dropLast())
        }

        /// `{ a, b as c }`, whose brace was taken already.
        mutating func takeNames() -> [(String, String)]? {
            var names: [(String, String)] = []
            while !take("}") {
                guard let name = takeName() else { return nil }
                guard take("as") else {
                    names.append((name, name))
                    guard take(",") || next?.text == "}" else { return nil }
                    continue
                }
                guard let other = takeName() else { return nil }
                names.append((name, other))
                guard take(",") || next?.text == "}" else { return nil }
            }
            return names
        }
    }

    private mutating func readImport(_ statement: inout Statement) throws {
        let refusal = error(
            statement.first,
            "expected import \"./file.js\"; or import { name, other as local } from \"./file.js\"; or "
                + "import * as name from \"./file.js\";")
        var names = Import.Names.none
        if statement.take("{") {
            guard let list = statement.takeNames(), statement.take("from") else { throw refusal }
            names = .named(list.map { (exported: $0.0, local: $0.1) })
        } else if statement.take("*") {
            guard statement.take("as"), let name = statement.takeName(), statement.take("from") else { throw refusal }
            names = .all(name)
        }
        guard let specifier = statement.takeString(), statement.take(";") else { throw refusal }
        imports.append(
            Import(path: try resolve(specifier, statement.first), names: names, line: statement.first.line))
    }

    /// - Returns: whether the whole statement goes; else a declaration follows, which stays.
    private mutating func readExport(_ statement: inout Statement) throws -> Bool {
        let first = statement.first
        let refusal = error(
            first,
            "expected export const, function or class with a name, export { name, local as other }; with or without "
                + "from \"./file.js\", or export * from \"./file.js\";")
        if statement.take("*") {
            guard statement.take("from"), let specifier = statement.takeString(), statement.take(";") else {
                throw refusal
            }
            exportsAll.append((try resolve(specifier, first), first.line))
            return true
        }
        if statement.take("{") {
            guard let names = statement.takeNames() else { throw refusal }
            var path: String?
            if statement.take("from") {
                guard let specifier = statement.takeString() else { throw refusal }
                path = try resolve(specifier, first)
            }
            guard statement.take(";") else { throw refusal }
            exports += names.map { Export(name: $0.1, local: $0.0, path: path, line: first.line) }
            return true
        }
        if statement.take("async") {
            guard statement.next?.text == "function" else { throw refusal }
        }
        guard statement.take("const") || statement.take("class") || statement.take("function") else { throw refusal }
        _ = statement.take("*")
        guard let name = statement.takeName() else { throw refusal }
        exports.append(Export(name: name, local: name, path: nil, line: first.line))
        return false
    }

    /// The path of a module that is named relative to this one.
    private func resolve(_ specifier: String, _ token: ScriptScanner.Token) throws -> String {
        guard specifier.hasPrefix("./") || specifier.hasPrefix("../") else {
            throw error(token, "\"\(specifier)\" is no file of Web/; write \"./file.js\"")
        }
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in specifier.split(separator: "/") where part != "." {
            if part == ".." {
                guard parts.popLast() != nil else { throw error(token, "\"\(specifier)\" leads out of Web/") }
            } else {
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}
