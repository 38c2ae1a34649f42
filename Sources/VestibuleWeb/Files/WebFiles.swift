internal import Crypto
internal import VestibuleProtocol

/// A file as it is served.
struct WebFile: Sendable {
    var bytes: [UInt8]
    var contentType: String
    /// The entity tag with its quotes (RFC 9110 §8.8.3): of the contents, so that it holds across restarts.
    var entityTag: String

    var isPage: Bool { contentType.hasPrefix("text/html") }

    init(_ bytes: [UInt8], contentType: String) {
        self.bytes = bytes
        self.contentType = contentType
        self.entityTag = "\"" + SHA256.hash(data: bytes).prefix(16).hexadecimal + "\""
    }
}

/// The files of the site, by their paths.
struct WebFiles: Sendable {
    private var files: [String: WebFile] = [:]

    /// What the build embedded, and the import map for pages elsewhere.
    ///
    /// - Parameter origin: where the modules are to be had.
    init(origin: String, embedded: [EmbeddedFile] = EmbeddedFile.all) {
        for file in embedded {
            guard let contentType = Self.contentType(of: file.path) else { continue }
            files[file.path] = WebFile(file.bytes, contentType: contentType)
        }
        let map: JSONValue = [
            "imports": [
                "vestibule": .string("\(origin)/web/vestibule.js"), "vestibule/": .string("\(origin)/web/"),
            ]
        ]
        files["importmap.json"] = WebFile(map.serialized + [0x0A], contentType: "application/importmap+json")
    }

    subscript(path: String) -> WebFile? { files[path] }

    static func contentType(of path: String) -> String? {
        switch path.split(separator: ".").last {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "html": "text/html; charset=utf-8"
        case "svg": "image/svg+xml"
        case "json": "application/json"
        default: nil
        }
    }
}
