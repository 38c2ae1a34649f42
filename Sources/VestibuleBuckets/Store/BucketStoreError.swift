internal import VestibuleProtocol
public import VestibuleServer

/// Why a store did not do what was asked of it.
///
/// The message is one line for people: what happened, to what, and what to do next. It never holds a path of the
/// server's disk, a credential or an object's content.
public struct BucketStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure; stable, for programs.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let rawValue: String

        /// There is no such bucket.
        public static let bucketNotFound = Code(rawValue: "bucket_not_found")
        /// There is no object of that key.
        public static let objectNotFound = Code(rawValue: "object_not_found")
        /// The object is there, but not in that version.
        public static let versionNotFound = Code(rawValue: "version_not_found")
        /// The store refuses this server, or the object is one that it must not touch.
        public static let accessDenied = Code(rawValue: "access_denied")
        /// More than the store takes or hands out.
        public static let tooLarge = Code(rawValue: "too_large")
        /// The store does not answer, or says that it cannot now. Trying again may help.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The text is no bucket's name.
        public static let invalidBucket = Code(rawValue: "invalid_bucket")
        /// The text is no key that this store can hold.
        public static let invalidKey = Code(rawValue: "invalid_key")
        /// The continuation token is not one of this listing.
        public static let invalidToken = Code(rawValue: "invalid_token")
        /// The range starts past the end of the object.
        public static let invalidRange = Code(rawValue: "invalid_range")
        /// Some other argument is not acceptable.
        public static let invalidArgument = Code(rawValue: "invalid_argument")
        /// This kind of store cannot do that at all.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The store's address, region or credentials are wrong: for the operator to mend.
        public static let misconfigured = Code(rawValue: "misconfigured")
        /// The store answered something that makes no sense.
        public static let failed = Code(rawValue: "failed")

        public var description: String { rawValue }
    }

    public let code: Code
    public let bucket: String?
    public let key: String?
    /// One line, without a line break.
    public let message: String

    public init(_ code: Code, bucket: String? = nil, key: String? = nil, _ message: String) {
        self.code = code
        self.bucket = bucket
        self.key = key
        self.message = message
    }

    public var description: String { message }
}

extension BucketStoreError {
    /// The same as a failure of a tool, with `{error, bucket?, key?}` for programs.
    public var toolError: ToolError {
        var structured: JSONObject = ["error": .string(code.rawValue)]
        structured["bucket"] = bucket.map(JSONValue.string)
        structured["key"] = key.map(JSONValue.string)
        return ToolError(message, structured: structured)
    }

    static func noBucket(_ bucket: String) -> BucketStoreError {
        BucketStoreError(
            .bucketNotFound, bucket: bucket,
            "there is no bucket \(quoted(bucket)); bucket_list shows those that there are")
    }

    static func noObject(_ key: String, in bucket: String) -> BucketStoreError {
        BucketStoreError(
            .objectNotFound, bucket: bucket, key: key,
            "there is no object \(quoted(key)) in \(bucket); bucket_objects_list shows its keys")
    }

    static func noVersion(_ version: String, of key: String, in bucket: String) -> BucketStoreError {
        BucketStoreError(
            .versionNotFound, bucket: bucket, key: key,
            "\(quoted(key)) in \(bucket) has no version \(quoted(version)); leave versionId out for the current one")
    }

    static func rangePastEnd(_ key: String, in bucket: String, offset: Int) -> BucketStoreError {
        BucketStoreError(
            .invalidRange, bucket: bucket, key: key,
            "\(quoted(key)) in \(bucket) ends before byte \(offset); bucket_object_info shows its size")
    }

    static func badToken(in bucket: String) -> BucketStoreError {
        BucketStoreError(
            .invalidToken, bucket: bucket,
            "the continuation token is not one of this listing; start again without it, with the same prefix")
    }

    /// A text from outside, short and on one line.
    static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(200)
            .map { scalar in
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                    || scalar.properties.generalCategory == .lineSeparator
                    || scalar.properties.generalCategory == .paragraphSeparator
                    ? "\u{FFFD}" : String(scalar)
            }
            .joined()
        return "\"\(shown)\(text.unicodeScalars.count > 200 ? "…" : "")\""
    }
}
