internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

extension BucketTools {
    static func bucketList(_ store: any BucketStore, _ visibility: Visibility) -> ServedTool {
        let tool = Tool(
            name: "bucket_list", title: "List buckets",
            description: "Lists the buckets that you may use.",
            inputSchema: Schema.root([], required: []),
            outputSchema: Schema.root(
                [
                    (
                        "buckets",
                        Schema.array(
                            "The buckets, by name.",
                            of: Schema.object(
                                [
                                    ("name", Schema.string("The bucket's name.")),
                                    ("s3_uri", Schema.string("The bucket for the other tools.")),
                                    ("created", Schema.optionalString("When it was made (RFC 3339), if known.")),
                                ],
                                required: ["name", "s3_uri", "created"]))
                    ),
                    ("count", Schema.integer("How many there are.")),
                ],
                required: ["buckets", "count"]),
            annotations: reading("List buckets"))
        return serve(tool) { _, context in
            let claimed = Set((context.principal?.buckets ?? []).map(ByteKey.init))
            let showsAll = visibility == .all && claimed.isEmpty
            // Nothing to show is known without asking.
            let found = showsAll || !claimed.isEmpty ? try await store.buckets() : []
            let buckets = found.filter { showsAll || claimed.contains(ByteKey($0.name)) }
                .map { bucket -> JSONValue in
                    [
                        "name": .string(bucket.name), "s3_uri": .string("s3://\(bucket.name)"),
                        "created": bucket.created.map { .string($0.description) } ?? .null,
                    ]
                }
            return ToolResult(structured: ["buckets": .array(buckets), "count": .integer(buckets.count)])
        }
    }

    static func objectsList(_ store: any BucketStore) -> ServedTool {
        let object = Schema.object(
            Schema.summary + [("download_url", Schema.string("A link that downloads the object for an hour."))],
            required: Schema.summaryNames)
        let tool = Tool(
            name: "bucket_objects_list", title: "List objects",
            description: "Lists a bucket's objects by key, a page at a time. Go on with next_token while truncated.",
            inputSchema: Schema.root(
                [
                    ("bucket", Schema.bucket),
                    ("prefix", Schema.string("Only keys that start with this.", default: "")),
                    ("max_keys", Schema.integer("Keys a page, 1 to 1000.", default: 100)),
                    ("continuation_token", Schema.string("next_token of the page before.", default: "")),
                    (
                        "include_signed_urls",
                        Schema.boolean("Whether to add a download_url where the store can sign one.", default: true)
                    ),
                ],
                required: ["bucket"]),
            outputSchema: Schema.root(
                [
                    ("bucket", Schema.string("The bucket's name.")), ("prefix", Schema.string("As asked.")),
                    ("objects", Schema.array("The objects, in the order of their keys' bytes.", of: object)),
                    ("truncated", Schema.boolean("Whether there are more.")),
                    ("next_token", Schema.string("continuation_token for the next page; empty on the last.")),
                    ("key_count", Schema.integer("Objects on this page.")),
                    ("max_keys", Schema.integer("As asked, within its range.")),
                ],
                required: ["bucket", "prefix", "objects", "truncated", "next_token", "key_count", "max_keys"]),
            annotations: reading("List objects"))
        return serve(tool) { arguments, _ in
            let bucket = try arguments.bucket()
            let prefix = try arguments.optionalText("prefix") ?? ""
            let maximumKeys = try arguments.integer("max_keys", default: 100, in: 1...1000)
            let token = try arguments.optionalText("continuation_token") ?? ""
            let signs = try arguments.flag("include_signed_urls", default: true) && store.signsLinks
            let page = try await store.objects(
                in: bucket,
                ObjectQuery(
                    prefix: prefix, maximumKeys: maximumKeys, continuationToken: token.isEmpty ? nil : token))
            var objects: [JSONValue] = []
            for summary in page.objects {
                var object = summary.json(in: bucket)
                if signs {
                    // A key that no link can carry is listed without one.
                    let link = try? await store.presignedLink(
                        to: summary.key, in: bucket, version: nil, expiresIn: .seconds(3600))
                    object["download_url"] = link.map(JSONValue.string)
                }
                objects.append(.object(object))
            }
            return ToolResult(structured: [
                "bucket": .string(bucket), "prefix": .string(prefix), "objects": .array(objects),
                "truncated": .bool(page.continuationToken != nil),
                "next_token": .string(page.continuationToken ?? ""), "key_count": .integer(objects.count),
                "max_keys": .integer(maximumKeys),
            ])
        }
    }

    static func objectsSearch(_ store: any BucketStore) -> ServedTool {
        let tool = Tool(
            name: "bucket_objects_search", title: "Search objects",
            description: "Finds objects of a bucket whose keys hold every word of the query, in any case and order.",
            inputSchema: Schema.root(
                [
                    ("bucket", Schema.bucket),
                    ("query", Schema.string("Words, or parts of words, of the key.", minimumLength: 1)),
                    ("limit", Schema.integer("Most objects to find, 1 to 1000.", default: 10)),
                ],
                required: ["bucket", "query"]),
            outputSchema: Schema.root(
                [
                    ("bucket", Schema.string("The bucket's name.")), ("query", Schema.string("As asked.")),
                    ("limit", Schema.integer("As asked, within its range.")),
                    (
                        "objects",
                        Schema.array(
                            "What was found, in the order of the keys' bytes.",
                            of: Schema.object(Schema.summary, required: Schema.summaryNames))
                    ),
                    ("count", Schema.integer("How many were found.")),
                    ("scanned", Schema.integer("How many keys were looked at.")),
                    (
                        "complete",
                        Schema.boolean("Whether all keys were looked at: false when limit or 10,000 keys were reached.")
                    ),
                ],
                required: ["bucket", "query", "limit", "objects", "count", "scanned", "complete"]),
            annotations: reading("Search objects"))
        return serve(tool) { arguments, _ in
            let bucket = try arguments.bucket()
            let query = try arguments.text("query")
            let limit = try arguments.integer("limit", default: 10, in: 1...1000)
            guard query.utf8.count <= 1024 else {
                throw arguments.error("query", "has more than 1024 bytes; no key is longer")
            }
            let result = try await store.search(query, in: bucket, limit: limit)
            return ToolResult(structured: [
                "bucket": .string(bucket), "query": .string(query), "limit": .integer(limit),
                "objects": .array(result.objects.map { .object($0.json(in: bucket)) }),
                "count": .integer(result.objects.count), "scanned": .integer(result.scanned),
                "complete": .bool(result.isComplete),
            ])
        }
    }
}
