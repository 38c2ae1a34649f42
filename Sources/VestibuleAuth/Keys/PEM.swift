#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The blocks of a text in PEM (RFC 7468), as they come.
struct PEM {
    struct Block {
        /// Such as `PUBLIC KEY`.
        var label: String
        var bytes: [UInt8]
    }

    var blocks: [Block] = []

    static func isPEM(_ text: [UInt8]) -> Bool { text.trimmingWhitespace.starts(with: Array("-----BEGIN ".utf8)) }

    /// - Throws: ``KeyError`` with ``KeyError/Code/corrupted`` where a block has no end, or its base64 is broken.
    init(_ text: [UInt8]) throws(KeyError) {
        var label: String?
        var body: [UInt8] = []
        for raw in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let line = String(decoding: raw.trimmingWhitespace, as: UTF8.self)
            if let begun = label {
                guard line == "-----END \(begun)-----" else {
                    body += line.utf8
                    continue
                }
                guard let data = Data(base64Encoded: Data(body)), !data.isEmpty else {
                    throw KeyError(.corrupted, "the PEM block \(begun.quoted) is not base64")
                }
                blocks.append(Block(label: begun, bytes: Array(data)))
                label = nil
                body = []
            } else if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----"), line.utf8.count > 16 {
                label = String(line.dropFirst(11).dropLast(5))
            }
        }
        guard label == nil else { throw KeyError(.corrupted, "the PEM text ends within a block; is it complete?") }
    }

    /// A text of one block.
    static func text(_ label: String, _ bytes: [UInt8]) -> String {
        let base64 = Array(Data(bytes).base64EncodedString().utf8)
        let lines = stride(from: 0, to: base64.count, by: 64)
            .map { String(decoding: base64[$0..<min($0 + 64, base64.count)], as: UTF8.self) }
        return (["-----BEGIN \(label)-----"] + lines + ["-----END \(label)-----", ""]).joined(separator: "\n")
    }
}
