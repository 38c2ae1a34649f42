import Foundation

/// A file that is served.
struct WebFile {
    /// Counted from the folder, with `/`.
    var path: String
    var text: String
}

/// What keeps the files from being embedded, as compilers say it: `file:line: error: …`.
struct EmbeddingError: Error, CustomStringConvertible {
    var description: String

    init(_ file: String, line: Int = 1, _ message: String) {
        self.description = "\(file):\(line): error: \(message)"
    }
}

/// The folder of the files.
struct WebFolder {
    var path: String

    /// What a browser has a use for. A new kind needs its content type in `WebFiles`, too.
    static let extensions = ["js", "css", "html", "svg", "json"]
    private static let tools = ["jsconfig.json", "tsconfig.json", "package.json", "package-lock.json"]

    /// The files to serve; none where there is no folder.
    func files() throws -> [WebFile] {
        guard let names = FileManager.default.enumerator(atPath: path) else { return [] }
        var files: [WebFile] = []
        for case let name as String in names where Self.isServed(name) {
            let file = "\(path)/\(name)"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw EmbeddingError(file, "the file is not UTF-8 text; only text is embedded")
            }
            files.append(WebFile(path: name, text: text))
        }
        return files
    }

    /// Whether the file is for browsers: neither a test nor something for editors and tools.
    static func isServed(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last, let dot = name.lastIndex(of: "."),
            extensions.contains(String(name[name.index(after: dot)...]))
        else { return false }
        let isForTools = parts.contains { $0.hasPrefix(".") || ["test", "tests", "node_modules"].contains($0) }
        return !isForTools && !tools.contains(String(name)) && !name.hasSuffix(".test.js")
    }
}
