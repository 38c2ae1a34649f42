public import VestibuleAuth
internal import VestibuleProtocol
public import VestibuleServer

/// The eight tools that show and change buckets, over any ``BucketStore``.
///
/// They check nothing about who asks: the gate has, by rules such as ``defaultRules``.
public enum BucketTools {
    /// Which buckets `bucket_list` shows.
    public enum Visibility: Sendable, Hashable {
        /// Those that the principal's token lists, and of these the ones that there are. Nobody's token, no buckets.
        case claimed
        /// As ``claimed`` for a token that lists any, and all of the store's for one that lists none: for servers whose
        /// rules do not go by the claim.
        case all
    }

    /// Most bytes that one call reads of an object.
    public static let maximumBytes = 1 << 20
    /// Most objects that one call stores.
    public static let maximumItems = 100

    /// The tools, in the order in which they are listed.
    public static func all(on store: any BucketStore, visibility: Visibility = .claimed) -> [ServedTool] {
        [
            bucketList(store, visibility), objectsList(store), objectInfo(store), objectText(store),
            objectFetch(store), objectLink(store), objectsPut(store), objectsSearch(store),
        ]
    }

    /// Who may call what, by the permissions of AWS; buckets only as the token's `buckets` claim lists them.
    ///
    /// `bucket_list` needs `s3:ListBucket` and not `s3:ListAllMyBuckets`, since it shows a principal its own buckets.
    public static let defaultRules: [Rule] = [
        Rule(tools: ["bucket_list"], permissions: ["s3:ListBucket"]),
        Rule(
            tools: ["bucket_objects_list"], permissions: ["s3:ListBucket", "s3:GetBucketLocation"],
            arguments: [claimed("bucket")]),
        Rule(tools: ["bucket_objects_search"], permissions: ["s3:ListBucket"], arguments: [claimed("bucket")]),
        Rule(
            tools: ["bucket_object_info"], permissions: ["s3:GetObject", "s3:GetObjectVersion"],
            arguments: [claimed("s3_uri")]),
        Rule(
            tools: ["bucket_object_text", "bucket_object_fetch", "bucket_object_link"],
            permissions: ["s3:GetObject"], arguments: [claimed("s3_uri")]),
        Rule(
            tools: ["bucket_objects_put"],
            permissions: ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"],
            arguments: [claimed("bucket")]),
    ]

    private static func claimed(_ argument: String) -> ArgumentCondition {
        ArgumentCondition(argument: argument, form: .bucket, allowed: .claim("buckets"))
    }

    /// A tool whose arguments are read by its schema and whose store errors become tool errors.
    static func serve(
        _ tool: Tool,
        _ work: @escaping @Sendable (ToolArguments, RequestContext) async throws -> ToolResult
    ) -> ServedTool {
        ServedTool(tool) { arguments, context in
            do {
                return try await work(try ToolArguments(arguments, of: tool), context)
            } catch let error as BucketStoreError {
                throw error.toolError
            }
        }
    }

    static func reading(_ title: String) -> Tool.Annotations {
        Tool.Annotations(
            title: title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false)
    }
}
