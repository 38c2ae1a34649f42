/// As much of URI references as the `$id` and `$ref` of a schema need (RFC 3986 §5.2).
struct URIReference: Hashable {
    /// Everything before the `#`.
    let address: String
    /// Everything after it, decoded; `nil` where there is none.
    let fragment: String?

    init(_ text: String) {
        guard let hash = text.utf8.firstIndex(of: 0x23) else {
            address = text
            fragment = nil
            return
        }
        address = String(text[..<hash])
        fragment = Self.decoded(text[text.utf8.index(after: hash)...])
    }

    /// The address that the reference leads to from a base.
    func address(from base: String) -> String {
        guard !address.isEmpty else { return base }
        guard Self.scheme(of: address) == nil else { return address }
        let start = Self.scheme(of: base).map { base.utf8.index($0, offsetBy: 1) } ?? base.startIndex
        let scheme = base[..<start]
        var rest = base[start...]
        if address.hasPrefix("//") { return "\(scheme)\(address)" }
        var authority = Substring()
        if rest.hasPrefix("//") {
            let end = rest.dropFirst(2).utf8.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.endIndex
            authority = rest[..<end]
            rest = rest[end...]
        }
        let path = rest.prefix { $0 != "?" }
        let (target, query) = Self.split(address)
        if target.isEmpty { return "\(scheme)\(authority)\(path)\(query)" }
        if target.hasPrefix("/") { return "\(scheme)\(authority)\(Self.withoutDots(target))\(query)" }
        guard let slash = path.utf8.lastIndex(of: 0x2F) else {
            let root = authority.isEmpty ? "" : "/"
            return "\(scheme)\(authority)\(root)\(Self.withoutDots(target))\(query)"
        }
        return "\(scheme)\(authority)\(Self.withoutDots(path[...slash] + target))\(query)"
    }

    private static func split(_ address: String) -> (path: Substring, query: Substring) {
        let path = address.prefix { $0 != "?" }
        return (path, address[path.endIndex...])
    }

    /// Where the colon after the scheme is.
    private static func scheme(of text: String) -> String.Index? {
        guard let colon = text.utf8.firstIndex(of: 0x3A), let first = text.utf8.first, first.isLetter else {
            return nil
        }
        let isScheme = text.utf8[..<colon]
            .allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }
        return isScheme ? colon : nil
    }

    private static func withoutDots(_ path: some StringProtocol) -> String {
        var segments: [Substring] = []
        let parts = Substring(path).split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part {
            case ".":
                if isLast { segments.append("") }
            case "..":
                if segments.count > 1 || segments.first.map({ !$0.isEmpty }) ?? false { segments.removeLast() }
                if isLast { segments.append("") }
            default:
                segments.append(part)
            }
        }
        return segments.joined(separator: "/")
    }

    /// `nil` where the bytes are not UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var output: [UInt8] = []
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            if byte == 0x25, bytes.count >= 2, let high = bytes.first?.hexValue,
                let low = bytes.dropFirst().first?.hexValue
            {
                output.append(high << 4 | low)
                bytes = bytes.dropFirst(2)
            } else {
                output.append(byte)
            }
        }
        return String(validating: output, as: UTF8.self)
    }
}

/// A JSON Pointer (RFC 6901), written step by step.
enum JSONPointer {
    static func appending(_ name: String, to pointer: String) -> String {
        guard name.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return "\(pointer)/\(name)" }
        var escaped = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(pointer)/\(escaped)"
    }

    /// The names of a pointer; `nil` where it does not begin with a slash.
    static func names(of pointer: String) -> [String]? {
        guard !pointer.isEmpty else { return [] }
        guard pointer.utf8.first == 0x2F else { return nil }
        return pointer.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
            .map { step in
                var name: [UInt8] = []
                var rest = step
                while let byte = rest.popFirst() {
                    switch (byte, rest.first) {
                    case (0x7E, 0x30?):
                        name.append(0x7E)
                        rest = rest.dropFirst()
                    case (0x7E, 0x31?):
                        name.append(0x2F)
                        rest = rest.dropFirst()
                    default: name.append(byte)
                    }
                }
                return String(decoding: name, as: UTF8.self)
            }
    }
}
