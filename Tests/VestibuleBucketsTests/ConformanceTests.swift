import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleBuckets

@Suite("folder store: conformance")
struct FolderConformanceTests {
    @Test("what every store must do", arguments: StoreContract.all)
    func contract(_ contract: StoreContract) async throws {
        let folder = try TemporaryFolder()
        let store = FolderBucketStore(root: folder.path)
        try await store.createBucket("other-bucket")
        try await store.createBucket("contract-bucket")
        try await contract.check(store, "contract-bucket")
    }
}

/// An S3 service to test against, such as moto's: `Interop/s3/with-moto.sh swift test` starts one.
let s3Endpoint = ProcessInfo.processInfo.environment["VESTIBULE_TEST_S3_ENDPOINT"]

@Suite(
    "S3 store: conformance, over HTTP",
    .enabled(if: s3Endpoint != nil, "needs VESTIBULE_TEST_S3_ENDPOINT: run Interop/s3/with-moto.sh swift test"))
struct S3ConformanceTests {
    static func store() throws -> S3BucketStore {
        try S3BucketStore(
            configuration: S3Configuration(
                endpoint: s3Endpoint,
                credentials: AWSCredentials(
                    accessKeyID: "test-\(UUID().uuidString)", secretAccessKey: UUID().uuidString)))
    }

    static func newBucket(on store: S3BucketStore) async throws -> String {
        let name = "contract-\(UUID().uuidString.lowercased())"
        _ = try await store.client.send(S3Operation("PUT", bucket: name))
        return name
    }

    @Test("what every store must do", arguments: StoreContract.all)
    func contract(_ contract: StoreContract) async throws {
        let store = try Self.store()
        try await contract.check(store, try await Self.newBucket(on: store))
    }

    @Test("a presigned link downloads its object without any header")
    func presignedLink() async throws {
        let store = try Self.store()
        let bucket = try await Self.newBucket(on: store)
        let key = "some folder/100% é.txt"
        _ = try await store.put(NewObject(key: key, bytes: Array("hello".utf8)), in: bucket)
        let link = try await store.presignedLink(to: key, in: bucket, version: nil, expiresIn: .seconds(60))
        let answer = try await S3HTTPClient.transport(
            S3HTTPRequest(
                method: "GET", url: link, headers: [], body: [], maximumBody: 100, excess: .refuse,
                timeout: .seconds(10)))
        #expect(answer.status == 200)
        #expect(answer.body == Array("hello".utf8))
    }

    @Test("the tools work on S3, with links in the listing")
    func tools() async throws {
        let store = try Self.store()
        let bucket = try await Self.newBucket(on: store)
        let tools = ToolBench(store, buckets: [bucket])
        let put = try await tools.call(
            "bucket_objects_put",
            ["bucket": .string(bucket), "items": [["key": "grüße/100%.txt", "text": "Grüße"]]])
        #expect(put["uploaded"]?.integer == 1)
        let listed = try await tools.call("bucket_objects_list", ["bucket": .string("s3://\(bucket)/x")])
        let object = try #require(listed["objects"]?.array?.first)
        #expect(object["download_url"]?.string?.contains("X-Amz-Signature=") == true)
        let uri = try #require(object["s3_uri"])
        #expect(try await tools.call("bucket_object_text", ["s3_uri": uri])["text"]?.string == "Grüße")
        let link = try await tools.call("bucket_object_link", ["s3_uri": uri, "expiration": 9_999_999])
        #expect(link["expires_in"]?.integer == 604_800)
        #expect(try await tools.call("bucket_list", [:])["count"]?.integer == 1)
    }
}
