import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleBuckets

@Suite("bucket tools")
struct BucketToolsTests {
    let folder: TemporaryFolder
    let store: FolderBucketStore
    let bench: ToolBench

    init() async throws {
        folder = try TemporaryFolder()
        store = FolderBucketStore(root: folder.path)
        try await store.createBucket("demo-bucket")
        try await store.createBucket("payroll")
        bench = ToolBench(store, buckets: ["demo-bucket", "gone-bucket"])
    }

    func put(_ key: String, _ bytes: [UInt8], _ contentType: String? = nil) async throws {
        _ = try await store.put(NewObject(key: key, bytes: bytes, contentType: contentType), in: "demo-bucket")
    }

    func put(_ key: String, _ text: String) async throws {
        try await put(key, Array(text.utf8))
    }

    // MARK: What the tools say of themselves

    @Test("there are eight, each with closed object schemas of 2020-12 and annotations")
    func schemas() throws {
        #expect(
            bench.tools.map(\.tool.name) == [
                "bucket_list", "bucket_objects_list", "bucket_object_info", "bucket_object_text",
                "bucket_object_fetch", "bucket_object_link", "bucket_objects_put", "bucket_objects_search",
            ])
        for tool in bench.tools.map(\.tool) {
            for schema in [tool.inputSchema, try #require(tool.outputSchema)] {
                #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
                #expect(schema["type"]?.string == "object")
                #expect(schema["additionalProperties"]?.bool == false)
                let properties = try #require(schema["properties"]?.object)
                for name in schema["required"]?.array?.compactMap(\.string) ?? [] { #expect(properties[name] != nil) }
            }
            #expect(tool.annotations?.readOnlyHint == (tool.name != "bucket_objects_put"))
            #expect(tool.annotations?.destructiveHint == (tool.name == "bucket_objects_put"))
            #expect(tool.description?.isEmpty == false)
        }
    }

    @Test(
        "defaults are in the schema as they are in effect",
        arguments: [
            ("bucket_objects_list", "max_keys", 100), ("bucket_objects_list", "include_signed_urls", true),
            ("bucket_object_text", "max_bytes", 65_536), ("bucket_object_text", "encoding", "utf-8"),
            ("bucket_object_fetch", "base64_encode", true), ("bucket_object_link", "expiration", 3600),
            ("bucket_objects_search", "limit", 10),
        ] as [(String, String, JSONValue)])
    func defaults(_ name: String, _ argument: String, _ value: JSONValue) {
        let tool = bench.tools.first { $0.tool.name == name }?.tool
        #expect(tool?.inputSchema["properties"]?[argument]?["default"] == value)
    }

    // MARK: bucket_list

    @Test("bucket_list shows the buckets that the token lists and that there are, and no others")
    func bucketList() async throws {
        let listed = try await bench.call("bucket_list", [:])
        #expect(listed["buckets"]?.array?.compactMap { $0["name"]?.string } == ["demo-bucket"])
        #expect(listed["count"]?.integer == 1)
    }

    @Test("a token without buckets sees none, unless the tools show all")
    func bucketListWithoutClaim() async throws {
        for buckets in [[String]?.none, []] {
            #expect(try await ToolBench(store, buckets: buckets).call("bucket_list", [:])["count"]?.integer == 0)
            let all = ToolBench(store, buckets: buckets, visibility: .all)
            #expect(try await all.call("bucket_list", [:])["count"]?.integer == 2)
        }
        let claimed = ToolBench(store, buckets: ["payroll"], visibility: .all)
        #expect(try await claimed.call("bucket_list", [:])["count"]?.integer == 1)
    }

    // MARK: bucket_objects_list

    @Test(
        "a bucket is given as a name or as any S3 URI in it",
        arguments: ["demo-bucket", "s3://demo-bucket", "s3://demo-bucket/", "S3://demo-bucket/notes/x?y"])
    func bucketForms(_ bucket: String) async throws {
        try await put("k", "x")
        let listed = try await bench.call("bucket_objects_list", ["bucket": .string(bucket)])
        #expect(listed["bucket"]?.string == "demo-bucket")
        #expect(listed["key_count"]?.integer == 1)
    }

    @Test("a listing has the documented shape, page after page")
    func objectsList() async throws {
        for key in ["a/1.txt", "a/2 ü.txt", "b"] { try await put(key, "x") }
        let first = try await bench.call(
            "bucket_objects_list", ["bucket": "demo-bucket", "prefix": "a/", "max_keys": 1])
        #expect(
            first.names == ["bucket", "prefix", "objects", "truncated", "next_token", "key_count", "max_keys"])
        let object = try #require(first["objects"]?.array?.first?.object)
        #expect(object.names == ["key", "s3_uri", "size", "last_modified", "etag", "storage_class"])
        #expect(first["truncated"]?.bool == true)
        let second = try await bench.call(
            "bucket_objects_list",
            [
                "bucket": "demo-bucket", "prefix": "a/", "max_keys": 1,
                "continuation_token": try #require(first["next_token"]),
            ])
        #expect(second["objects"]?.array?.first?["s3_uri"]?.string == "s3://demo-bucket/a/2%20%C3%BC.txt")
        #expect(second["truncated"]?.bool == false)
        #expect(second["next_token"]?.string == "")
    }

    @Test(
        "numbers out of range are brought into it",
        arguments: [(0, 1), (-5, 1), (1, 1), (1000, 1000), (1001, 1000), (Int.max, 1000), (Int.min, 1)])
    func clamps(_ given: Int, _ effective: Int) async throws {
        let listed = try await bench.call(
            "bucket_objects_list", ["bucket": "demo-bucket", "max_keys": .integer(given)])
        #expect(listed["max_keys"]?.integer == effective)
    }

    @Test("a token of another listing is refused with what to do")
    func foreignToken() async throws {
        for key in ["a", "b"] { try await put(key, "x") }
        let page = try await bench.call("bucket_objects_list", ["bucket": "demo-bucket", "max_keys": 1])
        let token = try #require(page["next_token"]?.string)
        for (prefix, token) in [("a", token), ("", "AAAA"), ("", "!"), ("", token + "A"), ("", "..")] {
            let error = try await bench.failure(
                "bucket_objects_list",
                ["bucket": "demo-bucket", "prefix": .string(prefix), "continuation_token": .string(token)])
            #expect(error.structured?["error"]?.string == "invalid_token")
            #expect(error.message.contains("start again without it"))
        }
    }

    // MARK: reading

    @Test("bucket_object_info has the documented shape")
    func objectInfo() async throws {
        _ = try await store.put(
            NewObject(key: "a.md", bytes: [0x23], metadata: ["owner": "me"]), in: "demo-bucket")
        let info = try await bench.call("bucket_object_info", ["s3_uri": "s3://demo-bucket/a.md"])
        #expect(
            info.names == [
                "bucket", "key", "size", "content_type", "etag", "last_modified", "metadata", "storage_class",
                "cache_control",
            ])
        #expect(info["metadata"] == ["owner": "me"])
        #expect(info["content_type"]?.string == "text/markdown; charset=utf-8")
    }

    @Test("versionId is the etag in a folder; another one is refused by name")
    func versions() async throws {
        try await put("a?b", "x")
        let etag = try await store.info(of: "a?b", in: "demo-bucket", version: nil).summary.etag
        let uri = ObjectURI(bucket: "demo-bucket", key: "a?b", version: etag).description
        #expect(try await bench.call("bucket_object_text", ["s3_uri": .string(uri)])["text"]?.string == "x")
        let error = try await bench.failure(
            "bucket_object_text", ["s3_uri": "s3://demo-bucket/a%3Fb?versionId=other"])
        #expect(error.structured?["error"]?.string == "version_not_found")
        #expect(error.message.contains("\"other\""))
    }

    @Test(
        "text is cut at the bound, never within a character",
        arguments: [
            (1, "a", true), (2, "a", true), (3, "aé", true), (5, "aé", true), (6, "aé日", true), (9, "aé日", true),
            (10, "aé日🥐", false), (0, "a", true), (1 << 40, "aé日🥐", false),
        ])
    func textBound(_ bound: Int, _ text: String, _ isTruncated: Bool) async throws {
        try await put("k.txt", "aé日🥐")
        let result = try await bench.call(
            "bucket_object_text", ["s3_uri": "s3://demo-bucket/k.txt", "max_bytes": .integer(bound)])
        #expect(result.names == ["bucket", "key", "encoding", "truncated", "max_bytes", "text"])
        #expect(result["text"]?.string == text)
        #expect(result["truncated"]?.bool == isTruncated)
        #expect(result["max_bytes"]?.integer == min(max(bound, 1), BucketTools.maximumBytes))
    }

    @Test("text in other encodings is read, and what is not text is sent to bucket_object_fetch")
    func encodings() async throws {
        try await put("latin.txt", [0x67, 0x72, 0xFC, 0xDF, 0x65])
        let latin: JSONObject = ["s3_uri": "s3://demo-bucket/latin.txt", "encoding": "ISO-8859-1"]
        #expect(try await bench.call("bucket_object_text", latin)["text"]?.string == "grüße")
        for encoding in ["utf-8", "us-ascii"] {
            let error = try await bench.failure(
                "bucket_object_text", ["s3_uri": "s3://demo-bucket/latin.txt", "encoding": .string(encoding)])
            #expect(error.message.contains("read it with bucket_object_fetch"))
        }
        let unknown = try await bench.failure(
            "bucket_object_text", ["s3_uri": "s3://demo-bucket/latin.txt", "encoding": "ebcdic"])
        #expect(unknown.message.contains("utf-8, us-ascii, iso-8859-1"))
        // Bytes that end too early are no cut by the bound.
        try await put("broken.txt", [0x61, 0xC3])
        let broken = try await bench.failure("bucket_object_text", ["s3_uri": "s3://demo-bucket/broken.txt"])
        #expect(broken.structured?["error"]?.string == "not_text")
    }

    @Test("bytes come as base64, as text where asked and possible, and with a note where not")
    func fetch() async throws {
        try await put("b.bin", [0xFF, 0xFE, 0x00])
        try await put("t.txt", "é!")
        let binary: JSONObject = ["s3_uri": "s3://demo-bucket/b.bin"]
        let first = try await bench.call("bucket_object_fetch", binary)
        #expect(first["data"]?.string == "//4A")
        #expect(first["base64"]?.bool == true)
        #expect(first["size"]?.integer == 3)
        #expect(first["note"] == nil)
        let noted = try await bench.call(
            "bucket_object_fetch", ["s3_uri": "s3://demo-bucket/b.bin", "base64_encode": false])
        #expect(noted["data"]?.string == "//4A")
        #expect(noted["note"]?.string?.contains("base64") == true)
        let text = try await bench.call(
            "bucket_object_fetch", ["s3_uri": "s3://demo-bucket/t.txt", "base64_encode": false])
        #expect(text["text"]?.string == "é!")
        #expect(text["base64"]?.bool == false)
        let cut = try await bench.call(
            "bucket_object_fetch", ["s3_uri": "s3://demo-bucket/t.txt", "max_bytes": 1])
        #expect(cut["data"]?.string == "ww==")
        #expect(cut["truncated"]?.bool == true)
    }

    @Test("a folder signs no links: none in listings, and an error that names the way to the bytes")
    func link() async throws {
        try await put("k", "x")
        let error = try await bench.failure("bucket_object_link", ["s3_uri": "s3://demo-bucket/k"])
        #expect(error.structured?["error"]?.string == "unsupported")
        #expect(error.message.contains("bucket_object_fetch"))
        let missing = try await bench.failure("bucket_object_link", ["s3_uri": "s3://demo-bucket/none"])
        #expect(missing.structured?["error"]?.string == "object_not_found")
    }

    // MARK: bucket_objects_put

    @Test("objects are stored from text and base64, and read back")
    func store() async throws {
        let result = try await bench.call(
            "bucket_objects_put",
            [
                "bucket": "s3://demo-bucket",
                "items": [
                    ["key": "a%20b.txt", "text": "grüße", "metadata": ["owner": "me"]],
                    ["key": "b", "data": "AAH/", "content_type": "x/y"],
                    ["key": "c", "text": "grüße", "encoding": "latin-1"],
                ],
            ])
        #expect(result.names == ["bucket", "requested", "uploaded", "results"])
        #expect(result["uploaded"]?.integer == 3)
        #expect(result["results"]?.array?.first?["s3_uri"]?.string == "s3://demo-bucket/a%2520b.txt")
        let text = try await bench.call("bucket_object_text", ["s3_uri": "s3://demo-bucket/a%2520b.txt"])
        #expect(text["text"]?.string == "grüße")
        let bytes = try await bench.call("bucket_object_fetch", ["s3_uri": "s3://demo-bucket/b"])
        #expect(bytes["data"]?.string == "AAH/")
        #expect(bytes["content_type"]?.string == "x/y")
        let latin = try await bench.call("bucket_object_fetch", ["s3_uri": "s3://demo-bucket/c"])
        #expect(latin["size"]?.integer == 5)
        #expect(latin["content_type"]?.string == "text/plain; charset=utf-8")
    }

    @Test("when an item cannot be stored the others are, and the result is an error that says which")
    func partial() async throws {
        let result = try await bench.result(
            "bucket_objects_put",
            [
                "bucket": "demo-bucket",
                "items": [
                    ["key": "good", "text": "x"], ["key": "both", "text": "x", "data": "AA=="], ["key": "neither"],
                    ["key": "bad data", "data": "A A="], ["key": "ascii", "text": "é", "encoding": "ascii"],
                    ["key": "", "text": "x"], ["text": "x"], ["key": "k", "text": "x", "mode": "w"], "not an object",
                ],
            ])
        #expect(result.isError)
        #expect(result.structuredContent?["uploaded"]?.integer == 1)
        #expect(result.content.first?.text?.hasPrefix("1 of 9 stored in demo-bucket; ") == true)
        let errors = result.structuredContent?["results"]?.array?.map { $0["error"]?.string }
        #expect(errors?.first == .some(nil))
        #expect(errors?.dropFirst().allSatisfy { $0?.isEmpty == false } == true)
        let tool = bench.tools.first { $0.tool.name == "bucket_objects_put" }?.tool
        let schema = try #require(tool?.outputSchema)
        let structured = try #require(result.structuredContent?.object)
        #expect(SchemaChecker.violations(of: .object(schema), in: .object(structured)) == [])
        #expect(try await store.objects(in: "demo-bucket", ObjectQuery()).objects.map(\.key) == ["good"])
    }

    @Test("no items and too many are refused", arguments: [0, 101])
    func itemCount(_ count: Int) async throws {
        let item: JSONValue = ["key": "k", "text": "x"]
        let error = try await bench.failure(
            "bucket_objects_put",
            ["bucket": "demo-bucket", "items": .array(Array(repeating: item, count: count))])
        #expect(error.message.contains("give 1 to 100"))
    }

    // MARK: search

    @Test("search answers with what was found and how far it looked")
    func search() async throws {
        for key in ["sales/2025.csv", "Sales/2026.csv", "x"] { try await put(key, "x") }
        let found = try await bench.call("bucket_objects_search", ["bucket": "demo-bucket", "query": "SALES"])
        #expect(found["objects"]?.array?.compactMap { $0["key"]?.string } == ["Sales/2026.csv", "sales/2025.csv"])
        #expect(found["complete"]?.bool == true)
        #expect(found["limit"]?.integer == 10)
    }

    // MARK: bad arguments

    struct BadCall: Sendable {
        var tool: String
        var arguments: JSONObject
        var message: String

        init(_ tool: String, _ arguments: JSONObject, _ message: String) {
            self.tool = tool
            self.arguments = arguments
            self.message = message
        }
    }

    private static let half = JSONNumber(1.5) ?? JSONNumber(0)

    static let badCalls: [BadCall] = [
        BadCall("bucket_objects_list", [:], "bucket is missing"),
        BadCall("bucket_objects_list", ["bucket": 5], "bucket must be a string"),
        BadCall("bucket_objects_list", ["bucket": "a/b"], "bucket is no bucket"),
        BadCall("bucket_objects_list", ["bucket": "demo-bucket", "max_keys": "10"], "max_keys must be an integer"),
        BadCall(
            "bucket_objects_list", ["bucket": "demo-bucket", "max_keys": .number(half)], "max_keys must be an integer"),
        BadCall("bucket_objects_list", ["bucket": "demo-bucket", "maxkeys": 1], "maxkeys is not an argument"),
        BadCall(
            "bucket_objects_list", ["bucket": "demo-bucket", "include_signed_urls": "no"],
            "include_signed_urls must be true or false"),
        BadCall("bucket_objects_list", ["bucket": "DEMO"], "is no bucket's name"),
        BadCall("bucket_objects_list", ["bucket": "absent-bucket"], "there is no bucket \"absent-bucket\""),
        BadCall("bucket_objects_list", JSONObject([("bucket", "a"), ("bucket", "b")]), "bucket is given twice"),
        BadCall("bucket_list", ["bucket": "a"], "it takes none"),
        BadCall("bucket_object_text", ["s3_uri": "demo-bucket"], "s3_uri is no object"),
        BadCall("bucket_object_text", ["s3_uri": "s3://demo-bucket"], "s3_uri is no object"),
        BadCall("bucket_object_text", ["s3_uri": "s3://demo-bucket/"], "s3_uri is no object"),
        BadCall("bucket_object_text", ["s3_uri": "https://demo-bucket/k"], "s3_uri is no object"),
        BadCall("bucket_object_text", ["s3_uri": "s3://demo-bucket/%FF"], "s3_uri is no object"),
        BadCall(
            "bucket_object_text", ["s3_uri": "s3://demo-bucket/none"], "there is no object \"none\" in demo-bucket"),
        BadCall("bucket_objects_put", ["bucket": "demo-bucket"], "items is missing"),
        BadCall("bucket_objects_search", ["bucket": "demo-bucket", "query": " "], "query is empty"),
    ]

    @Test("bad arguments are named, with what is due", arguments: badCalls)
    func badArguments(_ call: BadCall) async throws {
        let error = try await bench.failure(call.tool, call.arguments)
        #expect(error.message.contains(call.message), "\(error.message)")
        #expect(error.structured?["error"]?.string != nil)
    }

    @Test("an error never shows where the folder is")
    func noPaths() async throws {
        let absent = ToolBench(FolderBucketStore(root: folder.path + "/absent"), buckets: ["demo-bucket"])
        let error = try await absent.failure("bucket_list", [:])
        #expect(error.structured?["error"]?.string == "misconfigured")
        #expect(!error.message.contains(folder.path))
    }
}
