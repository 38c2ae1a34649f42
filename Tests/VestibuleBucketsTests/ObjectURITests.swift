import Testing
import VestibuleProtocol

@testable import VestibuleBuckets

@Suite("s3_uri")
struct ObjectURITests {
    @Test(
        "every key round-trips", arguments: StoreContract.awkwardKeys + ["..", ".", "a/../b", "a\0b", "?versionId=x"])
    func roundTrip(_ key: String) throws {
        for version in [nil, "3/L4kqt+x==", "é ?&"] {
            let written = ObjectURI(bucket: "demo-bucket", key: key, version: version).description
            #expect(written.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
            let read = try #require(ObjectURI(written))
            #expect(read.bucket == "demo-bucket")
            #expect(read.key.hasSameBytes(as: key))
            #expect(read.version == version)
        }
    }

    @Test(
        "a URI that was not encoded is read kindly",
        arguments: [
            ("s3://b-1/a b.txt", "a b.txt", nil), ("s3://b-1/a#b", "a#b", nil), ("s3://b-1/a+b", "a+b", nil),
            ("s3://b-1/100% rye?.txt", "100% rye?.txt", nil), ("s3://b-1/a%2", "a%2", nil), ("s3://b-1/a%", "a%", nil),
            ("s3://b-1/a%41", "aA", nil), ("s3://b-1/a?b?versionId=v", "a?b", "v"),
            ("s3://b-1/a?versionId=", "a?versionId=", nil), ("s3://b-1/a?versionId=v&x=y", "a?versionId=v&x=y", nil),
            ("s3://b-1/a?versionid=v", "a?versionid=v", nil), ("s3://b-1//a", "/a", nil), ("S3://b-1/é", "é", nil),
        ] as [(String, String, String?)])
    func kindly(_ text: String, _ key: String, _ version: String?) throws {
        let read = try #require(ObjectURI(text))
        #expect(read.key == key)
        #expect(read.version == version)
    }

    @Test(
        "what names no object is none",
        arguments: [
            "", "s3://", "s3:///k", "s3://b", "s3://b/", "s3://b?versionId=v", "s3:/b/k", "https://b/k", "b/k", "/b/k",
            "s3://b/%FF", "s3://b/?versionId=v", "s3://b c/k", "s3://b/k?versionId=%FF",
        ])
    func none(_ text: String) {
        #expect(ObjectURI(text) == nil)
    }
}
