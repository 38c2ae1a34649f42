import Foundation
import Synchronization
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleBuckets

/// A directory of its own for one test, removed with the value that holds it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "vestibule-buckets-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Everything below it, as relative paths.
    var contents: [String] {
        FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String }.sorted() ?? []
    }

    func write(_ text: String, to name: String) throws {
        let full = path + "/" + name
        let parent = (full as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: full))
    }
}

/// A clock that stands still and notes how long it was asked to sleep.
final class StandingClock: WallClock {
    let date: NumericDate
    private let slept = Mutex<[Duration]>([])

    init(_ date: NumericDate = NumericDate(1_369_353_600)) {
        self.date = date
    }

    var naps: [Duration] { slept.withLock { $0 } }

    func now() -> NumericDate { date }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        slept.withLock { $0.append(duration) }
    }
}

/// An S3 service that answers from a list and notes what it was asked.
final class ScriptedS3: Sendable {
    private struct State {
        var answers: [Result<S3HTTPResponse, S3TransportFailure>]
        var requests: [S3HTTPRequest] = []
    }
    private let state: Mutex<State>

    init(_ answers: [Result<S3HTTPResponse, S3TransportFailure>]) {
        state = Mutex(State(answers: answers))
    }

    var requests: [S3HTTPRequest] { state.withLock { $0.requests } }

    var transport: S3Transport {
        { request in
            try self.state.withLock { state throws(S3TransportFailure) in
                state.requests.append(request)
                guard !state.answers.isEmpty else { throw .connection("the script has ended") }
                return try state.answers.removeFirst().get()
            }
        }
    }

    func store(
        clock: any WallClock = StandingClock(), endpoint: String? = "http://127.0.0.1:9000",
        addressing: S3Configuration.Addressing? = nil, retries: S3RetryPolicy = S3RetryPolicy { 1 },
        sessionToken: String? = nil
    ) throws -> S3BucketStore {
        var credentials = awsExample
        credentials.sessionToken = sessionToken
        return try S3BucketStore(
            configuration: S3Configuration(
                endpoint: endpoint, addressing: addressing, credentials: credentials, retries: retries),
            clock: clock, transport: transport)
    }
}

/// The credentials of the examples in AWS' documentation.
let awsExample = AWSCredentials(
    accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

func answer(_ status: Int, _ headers: [(String, String)] = [], _ body: String = "") -> S3HTTPResponse {
    S3HTTPResponse(status: status, headers: headers.map { ($0.0, $0.1) }, body: Array(body.utf8))
}

func refusal(_ status: Int, _ code: String) -> Result<S3HTTPResponse, S3TransportFailure> {
    .success(answer(status, [], "<Error><Code>\(code)</Code><Message>so it is</Message></Error>"))
}

func principal(
    buckets: [String] = ["demo-bucket", "research-data"], permissions: [String] = allPermissions
) -> Principal {
    Principal(
        issuer: "http://127.0.0.1:8080", subject: "sample", permissions: permissions, buckets: buckets,
        expiration: NumericDate(4_102_444_800))
}

let allPermissions = [
    "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject",
    "s3:PutObjectAcl", "s3:AbortMultipartUpload",
]

/// The code of the store error that the work throws, or `nil` where it throws none.
func code(_ work: () async throws -> Void) async throws -> BucketStoreError.Code? {
    do {
        try await work()
        return nil
    } catch let error as BucketStoreError {
        return error.code
    }
}
