#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// An access key of AWS or of a service that speaks S3. Its description shows no secret.
public struct AWSCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    public var accessKeyID: String
    public var secretAccessKey: String
    /// For temporary credentials.
    public var sessionToken: String?

    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// From `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. White space around them is trimmed.
    ///
    /// - Throws: ``BucketStoreError`` with code `misconfigured`, naming the variable that is missing.
    public static func fromEnvironment(
        _ variable: (String) -> String? = Self.processVariable
    ) throws(BucketStoreError) -> AWSCredentials {
        func required(_ name: String) throws(BucketStoreError) -> String {
            guard let value = variable(name).map(trimmed), !value.isEmpty else {
                throw BucketStoreError(
                    .misconfigured, "S3 credentials come from the environment, and \(name) is not set; set it")
            }
            return value
        }
        let token = variable("AWS_SESSION_TOKEN").map(trimmed)
        return AWSCredentials(
            accessKeyID: try required("AWS_ACCESS_KEY_ID"), secretAccessKey: try required("AWS_SECRET_ACCESS_KEY"),
            sessionToken: token?.isEmpty == false ? token : nil)
    }

    /// A variable of this process' environment.
    public static func processVariable(_ name: String) -> String? {
        getenv(name).flatMap { String(validatingCString: $0) }
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let bytes = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return String(decoding: Array(bytes), as: UTF8.self)
    }

    public var description: String { "AWSCredentials(\(accessKeyID.prefix(4))…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
