import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleBuckets

@Suite("sample buckets")
struct SampleBucketsTests {
    @Test("there is something of every kind, the same each time")
    func create() async throws {
        let folder = try TemporaryFolder()
        let other = try TemporaryFolder()
        for path in [folder.path + "/buckets", folder.path + "/buckets", other.path] {
            try SampleBuckets.create(in: path)
        }
        let store = FolderBucketStore(root: folder.path + "/buckets")
        #expect(try await store.buckets().map(\.name) == ["demo-bucket", "payroll", "research-data"])
        #expect(SampleBuckets.readable == ["demo-bucket", "research-data"])
        #expect(SampleBuckets.forbidden == "payroll")

        let objects = try await store.objects(in: "demo-bucket", ObjectQuery()).objects
        #expect(
            objects == (try await FolderBucketStore(root: other.path).objects(in: "demo-bucket", ObjectQuery()).objects)
        )
        #expect((24...60).contains(objects.count))
        #expect(objects.contains { $0.key.contains("<img src=x onerror=") })
        #expect(objects.contains { $0.key.contains("//") })
        #expect(Set(objects.map { ByteKey($0.key) }).count == objects.count)
        let kinds = try await Set(
            objects.asyncMap { try await store.info(of: $0.key, in: "demo-bucket", version: nil).contentType })
        for kind in ["image/png", "image/svg+xml", "application/json", "text/csv; charset=utf-8"] {
            #expect(kinds.contains(kind))
        }
    }

    @Test("the pictures are what they claim to be")
    func png() {
        let png = SamplePictures.png(width: 1, height: 1) { _, _ in (1, 2, 3) }
        // Checked with two other decoders; a change of the bytes has to be checked again.
        #expect(
            Base64.encode(png)
                == "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAAD0lEQVR4AQEEAPv/AAECAwAOAActojPsAAAAAElFTkSuQmCC")
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var result: [Value] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}
