import Testing
import VestibuleProtocol

@testable import VestibuleBuckets

@Suite("AWS Signature Version 4")
struct SignatureV4Tests {
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var body = ""
        var signature: String
    }

    /// From AWS' Signature Version 4 test suite (path and query as it has them; its signatures are published).
    static let published: [Example] = [
        Example(
            testDescription: "get-vanilla",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Example(
            testDescription: "get-vanilla-query-order-key-case", query: [("Param2", "value2"), ("Param1", "value1")],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Example(
            testDescription: "get-vanilla-empty-query-key", query: [("Param1", "value1")],
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        Example(
            testDescription: "get-vanilla-utf8-query", query: [("ሴ", "bar")],
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Example(
            testDescription: "get-utf8", path: "/%E1%88%B4",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Example(
            testDescription: "get-unreserved",
            path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Example(
            testDescription: "get-header-value-trim",
            headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Example(
            testDescription: "post-vanilla", method: "POST",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Example(
            testDescription: "post-header-key-sort", method: "POST", headers: [("My-Header1", "value1")],
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        Example(
            testDescription: "post-x-www-form-urlencoded", method: "POST",
            headers: [("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ]

    @Test("the published test suite's signatures come out", arguments: published)
    func testSuite(_ example: Example) {
        let credentials = AWSCredentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let signer = SignatureV4(credentials: credentials, region: "us-east-1", service: "service")
        let signed = signer.sign(
            SignatureV4.Request(
                method: example.method, path: example.path, query: example.query,
                headers: [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")] + example.headers,
                payloadHash: SignatureV4.payloadHash(of: Array(example.body.utf8))),
            at: AWSDate(NumericDate(1_440_938_160)))
        #expect(signed.signature == example.signature)
    }

    /// From "Signature Calculations for the Authorization Header" in the Amazon S3 API Reference.
    static let documented: [Example] = [
        Example(
            testDescription: "GET Object with a range", path: "/test.txt", headers: [("Range", "bytes=0-9")],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Example(
            testDescription: "PUT Object", method: "PUT", path: "/test%24file.text",
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            body: "Welcome to Amazon S3.",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example(
            testDescription: "GET Bucket Lifecycle", query: [("lifecycle", "")],
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example(
            testDescription: "List Objects", query: [("max-keys", "2"), ("prefix", "J")],
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test("the examples of the S3 documentation come out", arguments: documented)
    func documentation(_ example: Example) {
        let hash = SignatureV4.payloadHash(of: Array(example.body.utf8))
        let signed = SignatureV4(credentials: awsExample, region: "us-east-1")
            .sign(
                SignatureV4.Request(
                    method: example.method, path: example.path, query: example.query,
                    headers: [
                        ("Host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", hash),
                        ("x-amz-date", "20130524T000000Z"),
                    ] + example.headers,
                    payloadHash: hash),
                at: AWSDate(NumericDate(1_369_353_600)))
        #expect(signed.signature == example.signature)
    }

    @Test("the presigned link of the S3 documentation comes out, character for character")
    func presigned() async throws {
        let store = try ScriptedS3([]).store(endpoint: "https://s3.amazonaws.com", addressing: .virtualHost)
        let link = try await store.presignedLink(
            to: "test.txt", in: "examplebucket", version: nil, expiresIn: .seconds(86_400))
        #expect(
            link == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    /// Keys with what botocore 1.43 signs for them: GET in headers, and a link with a session token for 60 s.
    static let signedKeys: [(key: String, header: String, link: String)] = [
        (
            "a//b/", "07b3d4200c7e8d658a9ae36b2d8ab25abe4e42a9eb260e7d5930fd9b3fff60f1",
            "4e5adf6852ff20045571298c096961b5e48744d79ffef7601ff53b639ca2e3d9"
        ),
        (
            "caf\u{E9} & cre\u{301}me/100%+#?.txt",
            "59602497944a581aa5a8e5229de35c02b94f921ba79b4a2c0b6db817c34393d9",
            "3fa3dd6bf79e3fb07bd4a92d9376a0fb4a120f0cc806bc3bff03e4156a26f37d"
        ),
        (
            "日本/こ.txt", "270e51c9289aadb7d9dde6aa05ab6ff374215f64026433f566ba82b5e74731b0",
            "40bdd8714886faf9116c5e298ca54c0614de293eefdb6d21c5813d42dcf0274f"
        ),
        (
            "it's (1)*!~.txt", "6999f81dc9abcc2a3348f3de599541a0655c68eb1715b59b79401d3c750b22c7",
            "15f3ad1056a270eba4b6d5a7da7afac857ae8d638b20ebdd080b23a9888638ea"
        ),
        (
            "a=b&c;d,e:f@g$h", "8f55367c01e124f843b9fba1fe9d43f74f6e868a4364ec818d0ff8a1e24d6721",
            "49812b08157a864b7e5ddd57d4801b8b8e487d750452abfdd53c257f65fb756d"
        ),
    ]

    @Test("awkward keys are signed as botocore signs them", arguments: signedKeys)
    func awkwardKeys(_ example: (key: String, header: String, link: String)) async throws {
        let service = ScriptedS3([.success(answer(206, [("content-range", "bytes 0-0/1")], "x"))])
        var configuration = S3Configuration(region: "eu-central-1", credentials: awsExample)
        let clock = StandingClock()
        let store = try S3BucketStore(configuration: configuration, clock: clock, transport: service.transport)
        // A range adds a header, so the signature is taken from a request without one.
        _ = try? await store.info(of: example.key, in: "my.bucket", version: nil)
        let path = try #require(service.requests.first?.url.dropFirst("https://s3.eu-central-1.amazonaws.com".count))
        let signed = SignatureV4(credentials: awsExample, region: "eu-central-1")
            .sign(
                SignatureV4.Request(
                    method: "GET", path: String(path),
                    headers: [
                        ("host", "s3.eu-central-1.amazonaws.com"),
                        ("x-amz-content-sha256", SignatureV4.emptyPayloadHash), ("x-amz-date", "20130524T000000Z"),
                    ],
                    payloadHash: SignatureV4.emptyPayloadHash),
                at: AWSDate(clock.date))
        #expect(signed.signature == example.header)

        configuration.credentials.sessionToken = "FwoGZXIvYXdzEXAMPLE//token+with/odd==chars"
        let temporary = try S3BucketStore(configuration: configuration, clock: clock, transport: service.transport)
        let link = try await temporary.presignedLink(
            to: example.key, in: "my.bucket", version: nil, expiresIn: .seconds(60))
        #expect(link.hasSuffix("&X-Amz-Signature=\(example.link)"))
    }

    @Test("whole requests carry the signatures that botocore gives them")
    func requests() async throws {
        let service = ScriptedS3(
            (0..<3).map { _ in .success(answer(200, [("etag", "\"e\"")], "<ListBucketResult/>")) })
        let store = try service.store(endpoint: "https://s3.amazonaws.com", addressing: .virtualHost)
        _ = try await store.objects(
            in: "examplebucket",
            ObjectQuery(prefix: "a b/é+&=?", delimiter: "/", maximumKeys: 7, continuationToken: "1//x+y=="))
        _ = try await store.put(
            NewObject(
                key: "m.csv", bytes: Array("a,b\n".utf8), contentType: "text/csv; charset=utf-8",
                metadata: ["Owner": "a  b"]),
            in: "examplebucket")
        let signatures = service.requests.map { request in
            request.headers.first { $0.name == "authorization" }?.value.suffix(64) ?? ""
        }
        #expect(
            signatures == [
                "a341c6faba48d627e259f5ee51b2b3ce46e35ba5704b85d64675c07f7f0968f7",
                "d8f4293afcb3b8da73333157ea2fa2473d4275eeffc8333166a935bdb85d13c7",
            ])
    }

    @Test("a session token is sent and signed")
    func sessionToken() async throws {
        let service = ScriptedS3([.success(answer(200, [("content-length", "1")]))])
        let store = try service.store(
            endpoint: "https://s3.amazonaws.com", addressing: .virtualHost,
            sessionToken: "FwoGZXIvYXdzEXAMPLE//token+with/odd==chars")
        _ = try await store.info(of: "x.txt", in: "examplebucket", version: nil)
        let headers = try #require(service.requests.first?.headers)
        #expect(headers.contains { $0.name == "x-amz-security-token" && $0.value.hasPrefix("FwoG") })
        let authorization = try #require(headers.first { $0.name == "authorization" }?.value)
        #expect(authorization.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"))
    }

    @Test(
        "dates are written and read in every form that S3 has",
        arguments: [
            (0.0, "19700101T000000Z"), (1_369_353_600, "20130524T000000Z"), (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"), (1_740_787_199.9, "20250228T235959Z"),
            (253_402_300_799, "99991231T235959Z"), (-5, "19700101T000000Z"), (1e300, "99991231T235959Z"),
            (Double.nan, "19700101T000000Z"), (Double.infinity, "99991231T235959Z"),
        ])
    func dates(_ seconds: Double, _ text: String) {
        #expect(AWSDate(NumericDate(seconds)).timestamp == text)
    }

    @Test("dates of S3's answers are read, and nonsense is not")
    func parsing() {
        #expect(NumericDate.parse(iso: "2013-05-24T00:00:01.000Z") == NumericDate(1_369_353_601))
        #expect(HTTPDate.parse("Fri, 24 May 2013 00:00:01 GMT") == NumericDate(1_369_353_601))
        for nonsense in ["", "2013-05-24", "2013-13-24T00:00:00Z", "99999999999999999999-1-1T0:0:0Z"] {
            #expect(NumericDate.parse(iso: nonsense) == nil)
        }
        for nonsense in ["", "Fri, 24 Mai 2013 00:00:01 GMT", "Fri, 24 May 2013 00:00 GMT"] {
            #expect(HTTPDate.parse(nonsense) == nil)
        }
    }

    @Test("credentials never show their secret")
    func description() {
        var text = "\(awsExample) \(String(reflecting: awsExample))"
        dump(awsExample, to: &text)
        #expect(!text.contains("wJalr"))
    }

    @Test("credentials from the environment are trimmed, and a missing one is named")
    func environment() throws {
        let variables = ["AWS_ACCESS_KEY_ID": " AKID\n", "AWS_SECRET_ACCESS_KEY": "s e\t", "AWS_SESSION_TOKEN": " "]
        let credentials = try AWSCredentials.fromEnvironment { variables[$0] }
        #expect(credentials == AWSCredentials(accessKeyID: "AKID", secretAccessKey: "s e"))
        let error = #expect(throws: BucketStoreError.self) { try AWSCredentials.fromEnvironment { _ in nil } }
        #expect(error?.code == .misconfigured)
        #expect(error?.message.contains("AWS_ACCESS_KEY_ID") == true)
    }
}
