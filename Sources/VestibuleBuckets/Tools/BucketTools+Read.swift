internal import VestibuleProtocol
internal import VestibuleServer

extension BucketTools {
    private static let maximumBytesSchema = Schema.integer(
        "Most bytes to read, 1 to \(maximumBytes).", default: 65_536)

    static func objectInfo(_ store: any BucketStore) -> ServedTool {
        let tool = Tool(
            name: "bucket_object_info", title: "Object details",
            description: "Tells size, type, time and metadata of an object without reading it.",
            inputSchema: Schema.root([("s3_uri", Schema.objectURI)], required: ["s3_uri"]),
            outputSchema: Schema.root(
                [
                    ("bucket", Schema.string("The bucket's name.")), ("key", Schema.string("The object's key.")),
                    ("size", Schema.integer("Bytes.")), ("content_type", Schema.string("Its media type.")),
                    ("etag", Schema.string("Changes whenever the object does.")),
                    ("last_modified", Schema.string("When it was last changed (RFC 3339).")),
                    ("metadata", Schema.strings("What was stored with it, by name.")),
                    ("storage_class", Schema.string("STANDARD, or how else the store keeps it.")),
                    ("cache_control", Schema.optionalString("How long it may be cached, if that is said.")),
                ],
                required: [
                    "bucket", "key", "size", "content_type", "etag", "last_modified", "metadata", "storage_class",
                    "cache_control",
                ]),
            annotations: reading("Object details"))
        return serve(tool) { arguments, _ in
            let uri = try arguments.object()
            let info = try await store.info(of: uri.key, in: uri.bucket, version: uri.version)
            let metadata = info.metadata.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
            return ToolResult(structured: [
                "bucket": .string(uri.bucket), "key": .string(uri.key), "size": .integer(info.summary.size),
                "content_type": .string(info.contentType), "etag": .string(info.summary.etag),
                "last_modified": .string(info.summary.lastModified.description),
                "metadata": .object(JSONObject(metadata)), "storage_class": .string(info.summary.storageClass),
                "cache_control": info.cacheControl.map(JSONValue.string) ?? .null,
            ])
        }
    }

    static func objectText(_ store: any BucketStore) -> ServedTool {
        let tool = Tool(
            name: "bucket_object_text", title: "Read text",
            description: "Reads the start of an object as text. A character is never cut in two.",
            inputSchema: Schema.root(
                [
                    ("s3_uri", Schema.objectURI), ("max_bytes", maximumBytesSchema),
                    ("encoding", Schema.string("utf-8, us-ascii or iso-8859-1.", default: "utf-8")),
                ],
                required: ["s3_uri"]),
            outputSchema: Schema.root(
                [
                    ("bucket", Schema.string("The bucket's name.")), ("key", Schema.string("The object's key.")),
                    ("encoding", Schema.string("The encoding by which it was read.")),
                    ("truncated", Schema.boolean("Whether the object goes on.")),
                    ("max_bytes", Schema.integer("As asked, within its range.")),
                    ("text", Schema.string("The text.")),
                ],
                required: ["bucket", "key", "encoding", "truncated", "max_bytes", "text"]),
            annotations: reading("Read text"))
        return serve(tool) { arguments, _ in
            let uri = try arguments.object()
            let maximum = try arguments.integer("max_bytes", default: 65_536, in: 1...maximumBytes)
            let encoding = try arguments.encoding()
            let part = try await store.read(
                ByteRange(length: maximum), of: uri.key, in: uri.bucket, version: uri.version)
            guard let text = encoding.decode(part.bytes, isCut: part.isTruncated) else {
                throw ToolError(
                    "\(BucketStoreError.quoted(uri.key)) in \(uri.bucket) is not \(encoding.rawValue) text "
                        + "(\(part.info.contentType)); read it with bucket_object_fetch",
                    structured: [
                        "error": "not_text", "bucket": .string(uri.bucket), "key": .string(uri.key),
                    ])
            }
            return ToolResult(structured: [
                "bucket": .string(uri.bucket), "key": .string(uri.key), "encoding": .string(encoding.rawValue),
                "truncated": .bool(part.isTruncated), "max_bytes": .integer(maximum), "text": .string(text),
            ])
        }
    }

    static func objectFetch(_ store: any BucketStore) -> ServedTool {
        let tool = Tool(
            name: "bucket_object_fetch", title: "Read bytes",
            description: "Reads the start of any object, as base64 or, where it is UTF-8 text, as text.",
            inputSchema: Schema.root(
                [
                    ("s3_uri", Schema.objectURI), ("max_bytes", maximumBytesSchema),
                    (
                        "base64_encode",
                        Schema.boolean("Whether to answer with base64; false for text where it is text.", default: true)
                    ),
                ],
                required: ["s3_uri"]),
            outputSchema: Schema.root(
                [
                    ("bucket", Schema.string("The bucket's name.")), ("key", Schema.string("The object's key.")),
                    ("truncated", Schema.boolean("Whether the object goes on.")),
                    ("max_bytes", Schema.integer("As asked, within its range.")),
                    ("base64", Schema.boolean("Whether the content is in data, as base64, and not in text.")),
                    ("data", Schema.string("The bytes as base64.")), ("text", Schema.string("The bytes as text.")),
                    ("content_type", Schema.string("Its media type.")),
                    ("size", Schema.integer("Bytes of the whole object.")),
                    ("note", Schema.string("Why the answer is not in the form that was asked for.")),
                ],
                required: ["bucket", "key", "truncated", "max_bytes", "base64", "content_type", "size"]),
            annotations: reading("Read bytes"))
        return serve(tool) { arguments, _ in
            let uri = try arguments.object()
            let maximum = try arguments.integer("max_bytes", default: 65_536, in: 1...maximumBytes)
            let asksForBase64 = try arguments.flag("base64_encode", default: true)
            let part = try await store.read(
                ByteRange(length: maximum), of: uri.key, in: uri.bucket, version: uri.version)
            let text = asksForBase64 ? nil : TextEncoding.utf8.decode(part.bytes, isCut: part.isTruncated)
            var result: JSONObject = [
                "bucket": .string(uri.bucket), "key": .string(uri.key), "truncated": .bool(part.isTruncated),
                "max_bytes": .integer(maximum), "base64": .bool(text == nil),
            ]
            if let text {
                result["text"] = .string(text)
            } else {
                result["data"] = .string(Base64.encode(part.bytes))
            }
            result["content_type"] = .string(part.info.contentType)
            result["size"] = .integer(part.info.summary.size)
            if !asksForBase64, text == nil {
                result["note"] = "not UTF-8 text: answered as base64 instead"
            }
            return ToolResult(structured: result)
        }
    }

    static func objectLink(_ store: any BucketStore) -> ServedTool {
        let tool = Tool(
            name: "bucket_object_link", title: "Link to an object",
            description: "Makes a link that downloads the object for a while. Whoever has the link can use it.",
            inputSchema: Schema.root(
                [
                    ("s3_uri", Schema.objectURI),
                    ("expiration", Schema.integer("Seconds, 1 to 604800.", default: 3600)),
                ],
                required: ["s3_uri"]),
            outputSchema: Schema.root(
                [
                    ("presigned_url", Schema.string("The link.")),
                    ("expires_in", Schema.integer("Seconds for which it works.")),
                ],
                required: ["presigned_url", "expires_in"]),
            annotations: reading("Link to an object"))
        return serve(tool) { arguments, _ in
            let uri = try arguments.object()
            let expiration = try arguments.integer("expiration", default: 3600, in: 1...604_800)
            let link = try await store.presignedLink(
                to: uri.key, in: uri.bucket, version: uri.version, expiresIn: .seconds(expiration))
            return ToolResult(structured: ["presigned_url": .string(link), "expires_in": .integer(expiration)])
        }
    }
}
