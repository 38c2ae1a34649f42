import Testing

@testable import VestibuleAuth

@Suite("Globs")
struct GlobTests {
    @Test(
        "match",
        arguments: [
            ("a", "a"), ("", ""), ("*", ""), ("*", "anything"), ("docs_*", "docs_"), ("docs_*", "docs_search"),
            ("*_list", "bucket_list"), ("a*b*c", "axxbyyc"), ("a**c", "abc"), ("*a*", "bab"), ("*.*", "a.b.c"),
            ("caf\u{E9}*", "caf\u{E9}s"), ("a*a", "aa"), ("*ab", "aab"),
        ])
    func matches(_ pattern: String, _ text: String) {
        #expect(Glob(pattern).matches(text))
    }

    @Test(
        "do not match",
        arguments: [
            ("a", "b"), ("", "a"), ("a", ""), ("docs_*", "docs"), ("docs_*", "xdocs_a"), ("docs", "docs_a"),
            ("a*a", "a"),
            ("A*", "abc"), ("caf\u{E9}*", "cafe\u{301}s"), ("?", "a"), ("[a]", "a"), ("a*b", "abc"),
        ])
    func doesNotMatch(_ pattern: String, _ text: String) {
        #expect(!Glob(pattern).matches(text))
    }

    @Test("a pattern made to run for ages does not")
    func notExponential() {
        let pattern = Glob(String(repeating: "*a", count: 200) + "b")
        let elapsed = ContinuousClock()
            .measure {
                #expect(!pattern.matches(String(repeating: "a", count: 5000)))
            }
        // Product of the lengths at worst, which is two million steps; exponential would outlive the universe.
        #expect(elapsed < .seconds(20))
    }
}

@Suite("Bucket names")
struct BucketNameTests {
    @Test(
        "one bucket, however it is written",
        arguments: [
            "b", "s3://b", "s3://b/", "s3://b/k", "S3://b/k?versionId=1", "s3://b?versionId=1", "s3://b//x",
        ])
    func same(_ text: String) {
        #expect(BucketName(text)?.name == "b")
    }

    @Test(
        "what means no bucket is none",
        arguments: [
            "", " ", "b ", " b", "s3://", "s3:///k", "s3:/b", "http://b", "a/b", "a\\b", "a:b", "a?b", "a#b",
            "s3://a#b", ".",
            "..", "s3://../x", "a%2fb", "s3://%62", "a\0b", "a\nb", "s3://s3://b",
        ])
    func none(_ text: String) {
        #expect(BucketName(text) == nil)
    }

    @Test("names are compared by bytes")
    func bytes() {
        #expect(BucketName("caf\u{E9}") != BucketName("cafe\u{301}"))
        #expect(BucketName("B") != BucketName("b"))
    }
}
