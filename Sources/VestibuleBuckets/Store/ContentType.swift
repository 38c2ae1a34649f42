/// Media types by a key's extension.
enum ContentType {
    static let binary = "application/octet-stream"
    static let plainText = "text/plain; charset=utf-8"

    /// The type that the key's last extension stands for, if it is one that we know.
    static func guess(_ key: String) -> String? {
        guard let dot = key.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let fileExtension = String(key[key.utf8.index(after: dot)...]).lowercased()
        return byExtension[fileExtension]
    }

    /// Whether the text can stand in a `Content-Type` header: `type/subtype`, printable ASCII, at most 255 bytes.
    static func isValid(_ type: String) -> Bool {
        let bytes = Array(type.utf8)
        guard (3...255).contains(bytes.count), bytes.allSatisfy({ (0x20...0x7E).contains($0) }),
            let slash = bytes.firstIndex(of: UInt8(ascii: "/"))
        else { return false }
        return slash > 0 && slash < bytes.count - 1 && bytes.first != 0x20 && bytes.last != 0x20
    }

    private static let byExtension: [String: String] = [
        "avif": "image/avif", "bin": binary, "bmp": "image/bmp", "css": "text/css; charset=utf-8",
        "csv": "text/csv; charset=utf-8", "gif": "image/gif", "gz": "application/gzip",
        "htm": "text/html; charset=utf-8", "html": "text/html; charset=utf-8", "ics": "text/calendar; charset=utf-8",
        "ipynb": "application/x-ipynb+json", "jpeg": "image/jpeg", "jpg": "image/jpeg",
        "js": "text/javascript; charset=utf-8", "json": "application/json", "jsonl": "application/jsonl",
        "log": plainText, "md": "text/markdown; charset=utf-8", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "parquet": "application/vnd.apache.parquet", "pdf": "application/pdf", "png": "image/png",
        "svg": "image/svg+xml", "tar": "application/x-tar", "toml": "application/toml",
        "tsv": "text/tab-separated-values; charset=utf-8", "txt": plainText, "wav": "audio/wav",
        "webp": "image/webp", "xml": "application/xml", "yaml": "application/yaml", "yml": "application/yaml",
        "zip": "application/zip",
    ]
}
