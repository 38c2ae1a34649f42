import Testing
import VestibuleProtocol

@testable import VestibuleBuckets

@Suite("S3 store")
struct S3BucketStoreTests {
    // MARK: Sending again

    static let passing: [Result<S3HTTPResponse, S3TransportFailure>] = [
        .success(answer(500)), .success(answer(502)), refusal(503, "SlowDown"), .success(answer(504)),
        .success(answer(429)), refusal(400, "RequestTimeout"), .failure(.connection("reset")),
    ]

    @Test("a passing failure is tried again, later each time", arguments: passing.indices)
    func retries(_ index: Int) async throws {
        let failure = Self.passing[index]
        let service = ScriptedS3([failure, failure, failure, .success(answer(200, [("content-length", "3")]))])
        let clock = StandingClock()
        let info = try await service.store(clock: clock).info(of: "k", in: "bucket-a", version: nil)
        #expect(info.summary.size == 3)
        #expect(clock.naps == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
    }

    @Test("after four attempts it gives up and says what is wrong")
    func givesUp() async throws {
        let service = ScriptedS3(Array(repeating: refusal(503, "SlowDown"), count: 9))
        let store = try service.store()
        let error = await #expect(throws: BucketStoreError.self) {
            _ = try await store.info(of: "k", in: "bucket-a", version: nil)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("503 SlowDown") == true)
        #expect(service.requests.count == 4)
        let silent = ScriptedS3(Array(repeating: .failure(.connection("refused")), count: 4))
        let silence = await #expect(throws: BucketStoreError.self) { _ = try await silent.store().buckets() }
        #expect(silence?.code == .unavailable)
        #expect(silence?.message.contains("127.0.0.1:9000") == true)
    }

    @Test("Retry-After is heeded, up to the longest delay")
    func retryAfter() async throws {
        let clock = StandingClock()
        let service = ScriptedS3([
            .success(answer(503, [("Retry-After", "2")])), .success(answer(503, [("Retry-After", "86400")])),
            .success(answer(503, [("Retry-After", "-1")])), .success(answer(200)),
        ])
        _ = try await service.store(clock: clock).info(of: "k", in: "bucket-a", version: nil)
        #expect(clock.naps == [.seconds(2), .seconds(5), .milliseconds(400)])
    }

    @Test("delays are within their bounds, whatever the jitter")
    func delays() {
        for jitter in [0.0, 0.5, 1, -1, 2] {
            let policy = S3RetryPolicy(maximumAttempts: 99) { jitter }
            for attempt in [1, 2, 10, 99, Int.max] {
                let delay = policy.delay(after: attempt, asked: nil)
                #expect(delay >= .zero && delay <= .seconds(5))
            }
        }
        #expect(S3RetryPolicy(maximumAttempts: 0).maximumAttempts == 1)
    }

    @Test("a cancelled task stops between attempts")
    func cancellation() async throws {
        let service = ScriptedS3(Array(repeating: .success(answer(503)), count: 4))
        let store = try service.store()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.buckets()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(service.requests.isEmpty)
    }

    // MARK: Refusals

    @Test(
        "S3's refusals are told apart, and none of them is tried again",
        arguments: [
            (404, "NoSuchKey", BucketStoreError.Code.objectNotFound), (404, "NoSuchBucket", .bucketNotFound),
            (404, "", .objectNotFound), (403, "AccessDenied", .accessDenied), (403, "", .accessDenied),
            (403, "InvalidAccessKeyId", .misconfigured), (403, "SignatureDoesNotMatch", .misconfigured),
            (400, "ExpiredToken", .misconfigured), (403, "RequestTimeTooSkewed", .misconfigured),
            (301, "PermanentRedirect", .misconfigured), (307, "TemporaryRedirect", .misconfigured),
            (400, "EntityTooLarge", .tooLarge), (409, "SomethingNew", .failed),
            (416, "InvalidRange", .invalidRange),
        ])
    func refusals(_ status: Int, _ code: String, _ expected: BucketStoreError.Code) async throws {
        let service = ScriptedS3([code.isEmpty ? .success(answer(status)) : refusal(status, code)])
        let store = try service.store()
        let error = await #expect(throws: BucketStoreError.self) {
            _ = try await store.info(of: "k", in: "bucket-a", version: nil)
        }
        #expect(error?.code == expected)
        #expect(error?.message.contains("\n") == false)
        #expect(service.requests.count == 1)
    }

    @Test("a redirect is not followed; the region that it names is told")
    func redirect() async throws {
        let service = ScriptedS3([
            .success(answer(301, [("x-amz-bucket-region", "eu-west-1"), ("location", "http://elsewhere/")]))
        ])
        let store = try service.store()
        let error = await #expect(throws: BucketStoreError.self) {
            _ = try await store.objects(in: "bucket-a", ObjectQuery())
        }
        #expect(error?.message.contains("eu-west-1") == true)
        #expect(service.requests.count == 1)
    }

    @Test(
        "an answer that is not S3's is said to be none",
        arguments: [
            "", "hello", "<html><body>proxy</body></html", "{}", "<a><b></a>",
            "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><ListBucketResult><Key>&a;</Key></ListBucketResult>",
            String(repeating: "<a>", count: 100_000), String(repeating: "</a>", count: 3),
            "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><Key>k</Key><LastModified>x</LastModified><ETag>e</ETag><Size>1e99</Size>"
                + "</Contents></ListBucketResult>",
            "<ListBucketResult><EncodingType>url</EncodingType><CommonPrefixes><Prefix>%FF</Prefix></CommonPrefixes>"
                + "</ListBucketResult>",
        ])
    func nonsense(_ body: String) async throws {
        let store = try ScriptedS3([.success(answer(200, [], body))]).store()
        let error = await #expect(throws: BucketStoreError.self) {
            _ = try await store.objects(in: "bucket-a", ObjectQuery())
        }
        #expect(error?.code == .failed)
    }

    @Test("an answer without end is not read to its end")
    func tooLong() async throws {
        let store = try ScriptedS3([.failure(.tooLong)]).store()
        let error = await #expect(throws: BucketStoreError.self) { _ = try await store.buckets() }
        #expect(error?.code == .failed)
    }

    // MARK: Reading

    @Test("a listing is read with its encoded keys, prefixes and token")
    func listing() async throws {
        let body = """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket-a</Name>
            <IsTruncated>true</IsTruncated><EncodingType>url</EncodingType><NextContinuationToken>a/+=</NextContinuationToken>
            <Contents><Key>a+b%2B%26/%C3%A9</Key><LastModified>2013-05-24T00:00:00.000Z</LastModified>
            <ETag>&quot;abc&quot;</ETag><Size>12</Size><StorageClass>GLACIER</StorageClass></Contents>
            <CommonPrefixes><Prefix>x%20/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>y/</Prefix></CommonPrefixes>
            </ListBucketResult>
            """
        let page = try await ScriptedS3([.success(answer(200, [], body))]).store()
            .objects(in: "bucket-a", ObjectQuery())
        #expect(
            page.objects == [
                ObjectSummary(
                    key: "a b+&/é", size: 12, lastModified: NumericDate(1_369_353_600), etag: "abc",
                    storageClass: "GLACIER")
            ])
        #expect(page.commonPrefixes == ["x /", "y/"])
        #expect(page.continuationToken == "a/+=")
    }

    @Test("a server that ignores the range is read from the start, and refused elsewhere")
    func ignoredRange() async throws {
        let whole = answer(200, [("content-length", "10")], "0123")
        let store = try ScriptedS3([.success(whole), .success(whole)]).store()
        let part = try await store.read(ByteRange(length: 4), of: "k", in: "bucket-a", version: nil)
        #expect(part.bytes == Array("0123".utf8))
        #expect(part.isTruncated)
        let elsewhere = try await code {
            _ = try await store.read(ByteRange(offset: 2, length: 4), of: "k", in: "bucket-a", version: nil)
        }
        #expect(elsewhere == .failed)
    }

    @Test(
        "a content range that is not the one asked for is refused", arguments: ["", "bytes 1-4/9", "bytes 0-3/*", "x"])
    func wrongRange(_ range: String) async throws {
        let store = try ScriptedS3([.success(answer(206, [("content-range", range)], "0123"))]).store()
        let refused = try await code {
            _ = try await store.read(ByteRange(length: 4), of: "k", in: "bucket-a", version: nil)
        }
        #expect(refused == .failed)
    }

    // MARK: Addresses

    @Test(
        "objects are addressed by path or by virtual host",
        arguments: [
            (nil, nil, "bucket-a", "https://bucket-a.s3.us-east-1.amazonaws.com/a%20b/c"),
            (nil, .path, "bucket-a", "https://s3.us-east-1.amazonaws.com/bucket-a/a%20b/c"),
            (nil, nil, "bucket.a", "https://s3.us-east-1.amazonaws.com/bucket.a/a%20b/c"),
            ("http://127.0.0.1:9000/", nil, "bucket-a", "http://127.0.0.1:9000/bucket-a/a%20b/c"),
            ("https://S3.Example.com:443", nil, "bucket-a", "https://s3.example.com/bucket-a/a%20b/c"),
            ("http://[::1]:9000", nil, "bucket-a", "http://[::1]:9000/bucket-a/a%20b/c"),
            ("https://s3.example.com", .virtualHost, "bucket-a", "https://bucket-a.s3.example.com/a%20b/c"),
        ] as [(String?, S3Configuration.Addressing?, String, String)])
    func addresses(
        _ endpoint: String?, _ addressing: S3Configuration.Addressing?, _ bucket: String, _ url: String
    ) async throws {
        let service = ScriptedS3([.success(answer(200))])
        _ = try await service.store(endpoint: endpoint, addressing: addressing)
            .info(of: "a b/c", in: bucket, version: nil)
        #expect(service.requests.map(\.url) == [url])
        #expect(
            service.requests.first?.headers.contains { $0.name == "host" && url.contains("//\($0.value)/") } == true)
    }

    @Test(
        "an endpoint that is none is refused at the start",
        arguments: [
            "", "s3.example.com", "ftp://x", "https://", "https://x/path", "https://u:p@x", "https://x y",
            "https://x?y",
        ])
    func badEndpoint(_ endpoint: String) {
        let error = #expect(throws: BucketStoreError.self) { try ScriptedS3([]).store(endpoint: endpoint) }
        #expect(error?.code == .misconfigured)
    }

    @Test(
        "a key with a dot segment is never sent: without it the path may lead into another bucket",
        arguments: ["..", ".", "../payroll/x", "a/../../payroll/x", "a/./b", "a/.."])
    func dotSegments(_ key: String) async throws {
        let service = ScriptedS3([])
        let store = try service.store()
        let reading = try await code { _ = try await store.info(of: key, in: "bucket-a", version: nil) }
        let writing = try await code { _ = try await store.put(NewObject(key: key, bytes: []), in: "bucket-a") }
        let linking = try await code {
            _ = try await store.presignedLink(to: key, in: "bucket-a", version: nil, expiresIn: .seconds(1))
        }
        #expect([reading, writing, linking] == [.invalidKey, .invalidKey, .invalidKey])
        #expect(service.requests.isEmpty)
    }

    @Test("a version is asked for by name, and a missing one is told", arguments: [404, 400])
    func versions(_ status: Int) async throws {
        let service = ScriptedS3([
            .success(answer(200, [("x-amz-version-id", "v/1+")])),
            status == 404 ? refusal(404, "NoSuchVersion") : refusal(400, "InvalidArgument"),
        ])
        let store = try service.store()
        let info = try await store.info(of: "k", in: "bucket-a", version: "v/1+")
        #expect(info.version == "v/1+")
        #expect(service.requests.first?.url.hasSuffix("/bucket-a/k?versionId=v%2F1%2B") == true)
        let missing = try await code { _ = try await store.info(of: "k", in: "bucket-a", version: "v") }
        #expect(missing == .versionNotFound)
    }

    @Test("a link expires within a week", arguments: [(0, 1), (-5, 1), (10, 10), (9_999_999, 604_800)])
    func linkExpiry(_ asked: Int, _ given: Int) async throws {
        let link = try await ScriptedS3([]).store()
            .presignedLink(to: "k", in: "bucket-a", version: "v1", expiresIn: .seconds(asked))
        #expect(link.contains("&X-Amz-Expires=\(given)&"))
        #expect(link.contains("&versionId=v1&X-Amz-Signature="))
    }
}
