internal import VestibuleProtocol

/// An answer of S3 that is not a success.
struct S3Refusal {
    let status: Int
    /// S3's word for it; empty where there is no body, as with HEAD.
    let code: String
    private let region: String?

    init(_ answer: S3HTTPResponse) {
        let body = try? S3XML.decode(S3ErrorBody.self, from: answer.body)
        status = answer.status
        code = body?.Code ?? ""
        region = answer.header("x-amz-bucket-region") ?? body?.Region
    }

    /// Whether the same request may be answered otherwise a little later.
    var mayPass: Bool {
        [429, 500, 502, 503, 504].contains(status)
            || ["SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable"].contains(code)
    }

    func error(for operation: S3Operation) -> BucketStoreError {
        let bucket = operation.bucket ?? "S3"
        let subject = operation.key.map { "\(BucketStoreError.quoted($0)) in \(bucket)" } ?? bucket
        let said = code.isEmpty ? "HTTP \(status)" : "\(status) \(code.prefix(64))"
        func error(_ code: BucketStoreError.Code, _ message: String) -> BucketStoreError {
            BucketStoreError(code, bucket: operation.bucket, key: operation.key, message)
        }
        switch code {
        case "NoSuchBucket": return .noBucket(bucket)
        case "NoSuchVersion": return .noVersion(operation.version ?? "", of: operation.key ?? "", in: bucket)
        case "InvalidRange": return .rangePastEnd(operation.key ?? "", in: bucket, offset: 0)
        case "EntityTooLarge":
            return error(.tooLarge, "S3 takes no object as large as \(subject); store it in smaller ones")
        case "RequestTimeTooSkewed":
            return error(.misconfigured, "S3 says that this server's clock is wrong; the operator must set it")
        case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
            "InvalidSecurity", "AuthorizationHeaderMalformed":
            if code == "InvalidToken", operation.query.contains(where: { $0.name == "continuation-token" }) {
                return .badToken(in: bucket)
            }
            return error(
                .misconfigured,
                "S3 does not accept this server's credentials (\(said)); the operator must renew or correct them")
        case "InvalidArgument" where operation.query.contains(where: { $0.name == "continuation-token" }):
            return .badToken(in: bucket)
        case "InvalidArgument" where operation.version != nil:
            return .noVersion(operation.version ?? "", of: operation.key ?? "", in: bucket)
        default: break
        }
        switch status {
        case 301, 302, 303, 307, 308:
            let place = region.map { " in the region \($0.prefix(32))" } ?? " elsewhere"
            return error(
                .misconfigured, "\(bucket) is\(place); the operator must correct the region or endpoint of S3")
        case 401, 403:
            return error(
                .accessDenied,
                "S3 does not let this server touch \(subject) (\(said)); the operator must grant it or choose another")
        // A HEAD answer has no body to say what was wrong with the request; here it can only be the version.
        case 400 where operation.version != nil && code.isEmpty, 404 where operation.version != nil:
            return .noVersion(operation.version ?? "", of: operation.key ?? "", in: bucket)
        case 404:
            return operation.key.map { .noObject($0, in: bucket) } ?? .noBucket(bucket)
        case 405 where operation.version != nil:
            return error(.objectNotFound, "that version of \(subject) is a delete marker; ask for another version")
        case 416: return .rangePastEnd(operation.key ?? "", in: bucket, offset: 0)
        case 429, 500...599:
            return error(.unavailable, "S3 cannot serve \(subject) now (\(said)); try again in a while")
        default:
            return error(.failed, "S3 refused \(subject) (\(said)); the operator should look at the request")
        }
    }
}
