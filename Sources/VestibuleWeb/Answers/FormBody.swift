internal import HTTPTypes
internal import VestibuleProtocol
internal import VestibuleServer

/// The fields of a submitted form (`application/x-www-form-urlencoded`, URL standard §5.1), read strictly.
struct FormBody {
    /// Bytes of a form beyond which it is refused (413).
    static let maximumSize = 8 << 10
    /// Fields of a form beyond which it is refused (400).
    static let maximumFields = 16

    private let fields: [(name: String, value: String)]

    /// - Throws: ``SiteRefusal``: another content type (415), too large (413), malformed, or a field that stands there
    ///   twice, of which two readers might take different ones (400).
    init(_ request: EndpointRequest) throws(SiteRefusal) {
        let type = request.head.headerFields[.contentType]?.asciiLowercased.split(separator: ";").first
        guard type.map({ String($0).trimmingOptionalWhitespace }) == "application/x-www-form-urlencoded" else {
            throw SiteRefusal(
                status: 415, error: "content_type", detail: "send a form as application/x-www-form-urlencoded")
        }
        guard request.body.count <= Self.maximumSize else {
            throw SiteRefusal(
                status: 413, error: "too_large", detail: "a form has at most \(Self.maximumSize) bytes")
        }
        var fields: [(name: String, value: String)] = []
        for pair in request.body.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(Self.decode), let value = Self.decode(parts.dropFirst().first ?? [])
            else { throw Self.malformed }
            guard !fields.contains(where: { $0.name.hasSameBytes(as: name) }), fields.count < Self.maximumFields else {
                throw Self.malformed
            }
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The field's value; empty where it is missing.
    subscript(name: String) -> String { fields.first { $0.name.hasSameBytes(as: name) }?.value ?? "" }

    private static let malformed = SiteRefusal(
        status: 400, error: "malformed_form", detail: "the form cannot be read; each field once, in UTF-8")

    static func decode(_ text: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexadecimalValue, let low = rest.popFirst()?.hexadecimalValue else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
