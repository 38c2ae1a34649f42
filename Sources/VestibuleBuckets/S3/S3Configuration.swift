internal import VestibuleProtocol

/// Where an S3 service is and how it is spoken to.
public struct S3Configuration: Sendable {
    /// Where a bucket's name stands in a URL.
    public enum Addressing: String, Sendable, Hashable, CaseIterable {
        /// `https://endpoint/bucket/key`: what most services other than AWS expect.
        case path
        /// `https://bucket.endpoint/key`. A bucket with a dot in its name is addressed by path all the same, since no
        /// TLS certificate covers it otherwise.
        case virtualHost
    }

    /// `https://host[:port]` or, for services of one's own network, `http://host[:port]`; `nil` for AWS in the region.
    public var endpoint: String?
    public var region: String
    public var addressing: Addressing
    public var credentials: AWSCredentials
    public var retries: S3RetryPolicy
    /// From the first byte sent to the last byte received, for each attempt. Default 30 s.
    public var requestTimeout: Duration

    /// - Parameter addressing: `nil` for by virtual host on AWS and by path elsewhere.
    public init(
        endpoint: String? = nil, region: String = "us-east-1", addressing: Addressing? = nil,
        credentials: AWSCredentials, retries: S3RetryPolicy = S3RetryPolicy(), requestTimeout: Duration = .seconds(30)
    ) {
        self.endpoint = endpoint
        self.region = region
        self.addressing = addressing ?? (endpoint == nil ? .virtualHost : .path)
        self.credentials = credentials
        self.retries = retries
        self.requestTimeout = requestTimeout
    }
}

/// When and how often a request to S3 is sent again: after 429, 500, 502, 503, 504, `SlowDown`, `RequestTimeout` and
/// broken connections. Every request that this package sends can be sent twice without harm.
public struct S3RetryPolicy: Sendable {
    /// The first one included. Default 4.
    public var maximumAttempts: Int
    /// The wait before the second attempt is at most this, and the bound doubles with each further one. Default 100 ms.
    public var baseDelay: Duration
    /// No wait is longer, whatever the server asks for. Default 5 s.
    public var maximumDelay: Duration
    /// How much of the bound is waited, 0 to 1. Default: evenly at random ("full jitter").
    public var jitter: @Sendable () -> Double

    public init(
        maximumAttempts: Int = 4, baseDelay: Duration = .milliseconds(100), maximumDelay: Duration = .seconds(5),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.baseDelay = baseDelay
        self.maximumDelay = maximumDelay
        self.jitter = jitter
    }

    /// How long to wait after an attempt has failed.
    ///
    /// - Parameters:
    ///   - attempt: The number of the attempt that failed, from 1.
    ///   - asked: What the server's `Retry-After` asks for.
    func delay(after attempt: Int, asked: Duration?) -> Duration {
        let doubled = baseDelay.inSeconds * Double(1 << min(max(attempt - 1, 0), 20))
        let bound = min(doubled, maximumDelay.inSeconds)
        let jittered = Duration.seconds(bound * min(max(jitter(), 0), 1))
        return min(max(jittered, asked ?? .zero), maximumDelay)
    }
}
