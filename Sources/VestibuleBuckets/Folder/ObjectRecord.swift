internal import Crypto
internal import VestibuleProtocol

/// What is remembered of an object beside its bytes.
///
/// It lies in the side folder under a name that holds the key's hash and the file's inode and time of change, so a
/// record can never be taken for that of a file which was put there by hand afterwards.
struct ObjectRecord {
    static let maximumSize = 16 << 10

    var etag: String
    var contentType: String
    var metadata: [String: String]

    static func name(of key: String, _ status: Descriptor.Status) -> String {
        let digest = SHA256.hash(data: Array(key.utf8)).hexadecimal
        return "\(digest).\(status.inode).\(status.modifiedSeconds).\(status.modifiedNanoseconds).\(status.size)"
    }

    /// The MD5 of the content, as S3 has it. It tells versions apart; nothing relies on it for security.
    static func etag(of bytes: [UInt8]) -> String {
        Insecure.MD5.hash(data: bytes).hexadecimal
    }

    /// For a file that was not stored by us: changes whenever the file does, without reading it.
    static func etag(ofUnrecorded status: Descriptor.Status) -> String {
        let text = "\(status.inode) \(status.modifiedSeconds) \(status.modifiedNanoseconds) \(status.size)"
        return SHA256.hash(data: Array(text.utf8)).prefix(16).hexadecimal
    }

    var serialized: [UInt8] {
        let pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        let object: JSONObject = [
            "etag": .string(etag), "contentType": .string(contentType), "metadata": .object(JSONObject(pairs)),
        ]
        return JSONValue.object(object).serialized
    }

    init(etag: String, contentType: String, metadata: [String: String]) {
        self.etag = etag
        self.contentType = contentType
        self.metadata = metadata
    }

    init?(serialized: [UInt8]) {
        guard let json = try? JSONParser(limits: JSONLimits(maximumSize: Self.maximumSize)).parse(serialized),
            let etag = json["etag"]?.string, let contentType = json["contentType"]?.string
        else { return nil }
        self.etag = etag
        self.contentType = contentType
        let pairs = (json["metadata"]?.object?.members ?? [])
            .compactMap { member in member.value.string.map { (member.name, $0) } }
        self.metadata = Dictionary(pairs) { first, _ in first }
    }
}

extension Folder {
    /// The record of a file; `nil` where there is none that belongs to just this file, or it cannot be read.
    func record(of key: String, _ status: Descriptor.Status, in bucket: String) -> ObjectRecord? {
        guard let root = try? openRoot(),
            let directory = try? openDirectory([Self.side, Self.records, bucket], in: root),
            let file = try? directory.file(ObjectRecord.name(of: key, status)),
            let bytes = try? file.read(count: ObjectRecord.maximumSize, at: 0)
        else { return nil }
        return ObjectRecord(serialized: bytes)
    }
}
