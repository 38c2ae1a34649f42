import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleBuckets

@Suite("default rules of the bucket tools")
struct DefaultRulesTests {
    let gate = Gate(rules: RuleSet(BucketTools.defaultRules))

    func refusal(_ tool: String, _ arguments: JSONValue, _ principal: Principal) -> Rejection? {
        let admission = gate.admit(
            AdmissionRequest(
                phase: .operation, method: "tools/call", tool: tool, arguments: arguments.serialized[...],
                credential: .verified(principal)))
        if case .refuse(let rejection, _) = admission { return rejection }
        return nil
    }

    static let table: [(String, [String])] = [
        ("bucket_list", ["s3:ListBucket"]),
        ("bucket_objects_list", ["s3:ListBucket", "s3:GetBucketLocation"]),
        ("bucket_objects_search", ["s3:ListBucket"]),
        ("bucket_object_info", ["s3:GetObject", "s3:GetObjectVersion"]),
        ("bucket_object_text", ["s3:GetObject"]), ("bucket_object_fetch", ["s3:GetObject"]),
        ("bucket_object_link", ["s3:GetObject"]),
        ("bucket_objects_put", ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"]),
    ]

    static func arguments(_ tool: String, bucket: String) -> JSONValue {
        tool.hasPrefix("bucket_object_") ? ["s3_uri": .string("s3://\(bucket)/k")] : ["bucket": .string(bucket)]
    }

    @Test("each tool needs its permissions, all of them", arguments: table)
    func permissions(_ tool: String, _ needed: [String]) {
        let arguments = Self.arguments(tool, bucket: "demo-bucket")
        #expect(refusal(tool, arguments, principal(permissions: needed)) == nil)
        for missing in needed {
            let rejection = refusal(tool, arguments, principal(permissions: needed.filter { $0 != missing }))
            #expect(rejection?.reason == .toolForbidden)
            #expect(rejection?.detail.contains(missing) == true)
        }
    }

    @Test("every tool is in the table")
    func complete() {
        let store = FolderBucketStore(root: "unused")
        #expect(Set(BucketTools.all(on: store).map(\.tool.name)) == Set(Self.table.map(\.0)))
    }

    @Test("a bucket that the token does not list is refused by name", arguments: table.map(\.0).dropFirst())
    func buckets(_ tool: String) {
        let rejection = refusal(tool, Self.arguments(tool, bucket: "payroll"), principal())
        #expect(rejection?.reason == .argumentForbidden)
        #expect(rejection?.detail.contains("\"payroll\"") == true)
        #expect(rejection?.detail.contains("demo-bucket, research-data") == true)
    }

    @Test(
        "the gate and the tools read the same bucket out of a URI, whatever is done to it",
        arguments: [
            "s3://demo-bucket/../payroll/salaries.csv", "s3://demo-bucket/%2e%2e/payroll/x", "S3://demo-bucket/k",
            "s3://demo-bucket//payroll/x", "s3://demo-bucket/s3://payroll/x", "s3://demo-bucket/k?versionId=payroll",
            "s3://demo-bucket\\..\\payroll/k", "s3://demo-bucket%2F..%2Fpayroll/k", "s3://payroll#@demo-bucket/k",
            "s3://payroll\u{0}demo-bucket/k", "s3://demo-bucket@payroll/k", "s3:///demo-bucket/k", "s3://DEMO-BUCKET/k",
            "s3://demo-bucket./k", "s3://ｐayroll/k",
        ])
    func sameReading(_ text: String) {
        let judged = BucketName(text)?.name
        let used = ObjectURI(text)?.bucket
        if let used { #expect(judged?.hasSameBytes(as: used) == true) }
        if used != "demo-bucket", let used {
            #expect(refusal("bucket_object_text", ["s3_uri": .string(used)], principal()) != nil)
        }
    }
}
