/// Several modules in one: each in a function of its own, in the order in which they need one another.
struct ModuleBundle {
    private let folder: String
    private let files: [String: WebFile]
    private var modules: [String: ScriptModule] = [:]
    /// The paths in the order in which the modules run.
    private var order: [String] = []

    /// The bundle that is served as `vestibule.js`: what that module exports, and the elements of `devtools.js`.
    ///
    /// - Returns: `nil` where there is no such module.
    static func standard(of files: [WebFile], folder: String) throws -> WebFile? {
        guard files.contains(where: { $0.path == "vestibule.js" }) else { return nil }
        var bundle = ModuleBundle(files, folder: folder)
        let elements = files.contains { $0.path == "devtools.js" } ? ["devtools.js"] : []
        return WebFile(path: "vestibule.js", text: try bundle.text(of: "vestibule.js", running: elements))
    }

    init(_ files: [WebFile], folder: String) {
        self.folder = folder
        self.files = Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
    }

    /// - Parameter others: modules that only have to run, after the entry.
    /// - Throws: ``EmbeddingError``: a statement that is not understood, a circle, a name that nobody exports.
    mutating func text(of entry: String, running others: [String] = []) throws -> String {
        for path in [entry] + others { try load(path, from: [], for: (path, 1)) }
        var text = "// The modules of Vestibule in one file, made when the server was built.\n"
        for (index, path) in order.enumerated() {
            guard let module = modules[path] else { continue }
            text += "\n// \(path)\nconst \(name(index)) = (() => {\n"
            for item in module.imports { text += try self.text(of: item, in: module) }
            text += module.body
            let exports = try self.exports(of: path).map { name, value in "\(name): \(value)" }
            text += "\nreturn { \(exports.joined(separator: ", ")) };\n})();\n"
        }
        let names = try exports(of: entry).map(\.name)
        let list = names.joined(separator: ", ")
        return text + "\nconst { \(list) } = \(try name(of: entry));\nexport { \(list) };\n"
    }

    private func name(_ index: Int) -> String { "$module\(index)" }

    private func name(of path: String) throws -> String {
        guard let index = order.firstIndex(of: path) else {
            throw EmbeddingError("\(folder)/\(path)", "the module is not in the bundle")
        }
        return name(index)
    }

    private mutating func load(_ path: String, from chain: [String], for importer: (path: String, line: Int)) throws {
        guard !chain.contains(path) else {
            throw EmbeddingError(
                "\(folder)/\(importer.path)", line: importer.line,
                "modules that import one another in a circle cannot be bundled: "
                    + (chain.drop { $0 != path } + [path]).joined(separator: " -> "))
        }
        guard modules[path] == nil else { return }
        guard path.hasSuffix(".js"), let file = files[path] else {
            throw EmbeddingError("\(folder)/\(importer.path)", line: importer.line, "there is no module \(path)")
        }
        let module = try ScriptModule(file, folder: folder)
        let needed =
            module.imports.map { ($0.path, $0.line) } + module.exportsAll.map { ($0.path, $0.line) }
            + module.exports.compactMap { export in export.path.map { ($0, export.line) } }
        for (other, line) in needed { try load(other, from: chain + [path], for: (path, line)) }
        modules[path] = module
        order.append(path)
    }

    /// What a module exports, each name with the expression for it within that module's function.
    private func exports(of path: String) throws -> [(name: String, value: String)] {
        guard let module = modules[path] else { return [] }
        var list: [(name: String, value: String)] = []
        for export in module.exports {
            guard let other = export.path else {
                list.append((export.name, export.local))
                continue
            }
            try require(export.local, of: other, by: module, line: export.line)
            list.append((export.name, "\(try name(of: other)).\(export.local)"))
        }
        for (other, line) in module.exportsAll {
            let owner = try name(of: other)
            for (name, _) in try exports(of: other) {
                guard !list.contains(where: { $0.name == name }) else {
                    throw EmbeddingError("\(folder)/\(path)", line: line, "\(name) is exported twice")
                }
                list.append((name, "\(owner).\(name)"))
            }
        }
        return list
    }

    private func require(_ name: String, of path: String, by module: ScriptModule, line: Int) throws {
        guard try exports(of: path).contains(where: { $0.name == name }) else {
            throw EmbeddingError("\(folder)/\(module.path)", line: line, "\(path) does not export \(name)")
        }
    }

    /// The import as a declaration of constants.
    private func text(of item: ScriptModule.Import, in module: ScriptModule) throws -> String {
        let owner = try name(of: item.path)
        switch item.names {
        case .none: return ""
        case .all(let name): return "const \(name) = \(owner);\n"
        case .named(let names):
            for name in names { try require(name.exported, of: item.path, by: module, line: item.line) }
            let parts = names.map { $0.exported == $0.local ? $0.local : "\($0.exported): \($0.local)" }
            return parts.isEmpty ? "" : "const { \(parts.joined(separator: ", ")) } = \(owner);\n"
        }
    }
}
