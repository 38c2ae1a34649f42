internal import VestibuleProtocol
internal import VestibuleServer

extension BucketTools {
    static func objectsPut(_ store: any BucketStore) -> ServedTool {
        let item = Schema.object(
            [
                (
                    "key",
                    Schema.string("The key, as it is: not percent-encoded.", minimumLength: 1, maximumLength: 1024)
                ),
                ("text", Schema.string("The content as text; either this or data.")),
                ("data", Schema.string("The content as base64; either this or text.")),
                ("content_type", Schema.string("Its media type; otherwise by the key's extension.")),
                ("encoding", Schema.string("How text is written: utf-8, us-ascii or iso-8859-1.", default: "utf-8")),
                ("metadata", Schema.strings("ASCII names and values to store with it, 2048 bytes in all.")),
            ],
            required: ["key"])
        let tool = Tool(
            name: "bucket_objects_put", title: "Store objects",
            description: "Stores up to \(maximumItems) objects in a bucket. An object of the same key is replaced.",
            inputSchema: Schema.root(
                [
                    ("bucket", Schema.bucket),
                    ("items", Schema.array("The objects.", of: item, maximum: maximumItems)),
                ],
                required: ["bucket", "items"]),
            outputSchema: Schema.root(
                [
                    ("bucket", Schema.string("The bucket's name.")),
                    ("requested", Schema.integer("How many were given.")),
                    ("uploaded", Schema.integer("How many were stored.")),
                    (
                        "results",
                        Schema.array(
                            "What became of each, in their order: etag where it was stored, error where it was not.",
                            of: Schema.object(
                                [
                                    ("key", Schema.string("The object's key.")),
                                    ("s3_uri", Schema.string("The object for the other tools.")),
                                    ("size", Schema.integer("Bytes.")),
                                    ("etag", Schema.string("Changes whenever the object does.")),
                                    ("version_id", Schema.string("The version, where the store keeps versions.")),
                                    ("error", Schema.string("Why it was not stored.")),
                                ],
                                required: ["key"]))
                    ),
                ],
                required: ["bucket", "requested", "uploaded", "results"]),
            annotations: Tool.Annotations(
                title: "Store objects", readOnlyHint: false, destructiveHint: true, idempotentHint: true,
                openWorldHint: false))
        return serve(tool) { arguments, _ in
            let bucket = try arguments.bucket()
            let items = try arguments.array("items")
            guard (1...maximumItems).contains(items.count) else {
                throw arguments.error("items", "has \(items.count) objects; give 1 to \(maximumItems)")
            }
            var results: [JSONValue] = []
            var failures: [String] = []
            for item in items {
                do {
                    results.append(try await put(item, in: bucket, of: store))
                } catch let error where error is BucketStoreError || error is ToolError {
                    let key = item["key"]?.string ?? ""
                    failures.append("\(error)")
                    results.append(["key": .string(key), "error": .string("\(error)")])
                }
            }
            let uploaded = items.count - failures.count
            let structured: JSONObject = [
                "bucket": .string(bucket), "requested": .integer(items.count), "uploaded": .integer(uploaded),
                "results": .array(results),
            ]
            guard let first = failures.first else { return ToolResult(structured: structured) }
            return .failure("\(uploaded) of \(items.count) stored in \(bucket); \(first)", structured: structured)
        }
    }

    private static func put(_ item: JSONValue, in bucket: String, of store: any BucketStore) async throws -> JSONValue {
        guard let object = item.object else {
            throw ToolError("each of items must be an object with key and either text or data")
        }
        let item = ToolArguments(object, tool: "bucket_objects_put items")
        try item.check(names: ["key", "text", "data", "content_type", "encoding", "metadata"])
        if let name = object.firstDuplicate { throw item.error(name, "is given twice; give it once") }
        let key = try item.text("key")
        let bytes = try content(of: item)
        let contentType =
            try item.optionalText("content_type") ?? ContentType.guess(key)
            ?? (try item.optionalText("text") == nil ? ContentType.binary : ContentType.plainText)
        let stored = try await store.put(
            NewObject(key: key, bytes: bytes, contentType: contentType, metadata: try item.texts("metadata")),
            in: bucket)
        var result: JSONObject = [
            "key": .string(key), "s3_uri": .string(ObjectURI(bucket: bucket, key: key).description),
            "size": .integer(bytes.count), "etag": .string(stored.etag),
        ]
        result["version_id"] = stored.version.map(JSONValue.string)
        return .object(result)
    }

    private static func content(of item: ToolArguments) throws -> [UInt8] {
        switch (try item.optionalText("text"), try item.optionalText("data")) {
        case (let text?, nil):
            let encoding = try item.encoding()
            guard let bytes = encoding.encode(text) else {
                throw item.error("text", "has characters that \(encoding.rawValue) has not; use utf-8")
            }
            return bytes
        case (nil, let data?):
            guard let bytes = Base64.decode(data) else {
                throw item.error("data", "is not base64 (RFC 4648, with padding, without white space)")
            }
            return bytes
        default:
            throw item.error("text", "or data: give exactly one of them")
        }
    }
}
