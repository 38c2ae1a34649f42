internal import VestibuleProtocol

/// What is asked of S3, before it is addressed and signed.
struct S3Operation: Sendable {
    var method: String
    var bucket: String?
    var key: String?
    var version: String?
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var maximumBody = S3XML.maximumSize
    var excess = S3HTTPRequest.Excess.refuse

    init(_ method: String, bucket: String?, key: String? = nil) {
        self.method = method
        self.bucket = bucket
        self.key = key
    }
}

/// Addresses, signs, sends and, where that may help, sends again.
struct S3Client: Sendable {
    private let address: S3Address
    private let signer: SignatureV4
    private let retries: S3RetryPolicy
    private let timeout: Duration
    private let clock: any WallClock
    private let transport: S3Transport

    init(
        _ configuration: S3Configuration, clock: any WallClock, transport: @escaping S3Transport
    ) throws(BucketStoreError) {
        address = try S3Address(configuration)
        signer = SignatureV4(credentials: configuration.credentials, region: configuration.region)
        retries = configuration.retries
        timeout = configuration.requestTimeout
        self.clock = clock
        self.transport = transport
    }

    /// The answer to an operation, if it is a good one (2xx).
    func send(_ operation: S3Operation) async throws -> S3HTTPResponse {
        var attempt = 1
        while true {
            try Task.checkCancellation()
            var failure: BucketStoreError
            var asked: Duration?
            do {
                // Signed anew each time: a signature is good for a quarter of an hour only.
                let answer = try await transport(signed(operation))
                if (200..<300).contains(answer.status) { return answer }
                let refusal = S3Refusal(answer)
                failure = refusal.error(for: operation)
                guard refusal.mayPass else { throw failure }
                asked = answer.header("retry-after").flatMap { Int($0) }.map { .seconds(min(max($0, 0), 3600)) }
            } catch S3TransportFailure.tooLong {
                throw BucketStoreError(
                    .failed, bucket: operation.bucket, key: operation.key,
                    "the answer of S3 is longer than \(operation.maximumBody) bytes; narrow the request")
            } catch S3TransportFailure.connection(let cause) {
                failure = BucketStoreError(
                    .unavailable, bucket: operation.bucket, key: operation.key,
                    "S3 at \(address.authority) does not answer (\(cause.prefix(100))); try again, then check the "
                        + "endpoint")
            }
            guard attempt < retries.maximumAttempts else { throw failure }
            try await clock.sleep(for: retries.delay(after: attempt, asked: asked))
            attempt += 1
        }
    }

    func decode<Value: Decodable>(_ answer: S3HTTPResponse, bucket: String?) throws(BucketStoreError) -> Value {
        do {
            return try S3XML.decode(Value.self, from: answer.body)
        } catch {
            throw Self.senseless(bucket: bucket)
        }
    }

    static func senseless(bucket: String?) -> BucketStoreError {
        BucketStoreError(
            .failed, bucket: bucket,
            "what answered is not S3, or not one that we understand; the operator should check the endpoint")
    }

    func presignedURL(_ operation: S3Operation, expiresIn: Int) -> String {
        let location = address.location(bucket: operation.bucket, key: operation.key)
        let request = SignatureV4.Request(
            method: operation.method, path: location.path, query: operation.query,
            headers: [("host", location.host)], payloadHash: SignatureV4.unsignedPayload)
        let query = signer.presignedQuery(request, at: AWSDate(clock.now()), expiresIn: expiresIn)
        return "\(address.scheme)://\(location.host)\(location.path)?\(query)"
    }

    private func signed(_ operation: S3Operation) -> S3HTTPRequest {
        let date = AWSDate(clock.now())
        let location = address.location(bucket: operation.bucket, key: operation.key)
        let payloadHash = SignatureV4.payloadHash(of: operation.body)
        var headers = operation.headers
        headers += [
            ("host", location.host), ("x-amz-content-sha256", payloadHash), ("x-amz-date", date.timestamp),
        ]
        if let token = signer.credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
        let request = SignatureV4.Request(
            method: operation.method, path: location.path, query: operation.query, headers: headers,
            payloadHash: payloadHash)
        headers.append(("authorization", signer.sign(request, at: date).authorization))
        let query = SignatureV4.canonicalQuery(operation.query)
        return S3HTTPRequest(
            method: operation.method,
            url: "\(address.scheme)://\(location.host)\(location.path)\(query.isEmpty ? "" : "?\(query)")",
            headers: headers, body: operation.body, maximumBody: operation.maximumBody, excess: operation.excess,
            timeout: timeout)
    }
}
