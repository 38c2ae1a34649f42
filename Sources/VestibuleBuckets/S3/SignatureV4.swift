internal import Crypto
internal import VestibuleProtocol

/// AWS Signature Version 4 (IAM User Guide, "Create a signed AWS API request"), in the form that S3 uses: the path is
/// encoded once and never normalised.
///
/// A pure function of its input: the same request, time and credentials give the same signature.
struct SignatureV4: Sendable {
    /// What stands in for the hash of a body that is not signed.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    static let emptyPayloadHash = SHA256.hash(data: [UInt8]()).hexadecimal
    private static let algorithm = "AWS4-HMAC-SHA256"

    var credentials: AWSCredentials
    var region: String
    var service = "s3"

    struct Request: Sendable {
        var method: String
        /// Percent-encoded, from its first `/` on.
        var path: String
        /// Not encoded.
        var query: [(name: String, value: String)] = []
        /// All are signed; `host` must be among them.
        var headers: [(name: String, value: String)]
        /// SHA-256 of the body in hex, or ``unsignedPayload``.
        var payloadHash: String
    }

    struct Signed: Sendable {
        var canonicalRequest: String
        var stringToSign: String
        var signature: String
        /// The value of the `Authorization` header.
        var authorization: String
    }

    static func payloadHash(of body: [UInt8]) -> String {
        SHA256.hash(data: body).hexadecimal
    }

    /// Signs a request whose `x-amz-date`, and `x-amz-security-token` where it is due, are among its headers.
    func sign(_ request: Request, at date: AWSDate) -> Signed {
        let names = Self.signedNames(request.headers)
        let canonical = Self.canonicalRequest(request, signedNames: names)
        let toSign = stringToSign(canonical, at: date)
        let signature = signature(of: toSign, at: date)
        let authorization =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(date)), SignedHeaders=\(names), "
            + "Signature=\(signature)"
        return Signed(
            canonicalRequest: canonical, stringToSign: toSign, signature: signature, authorization: authorization)
    }

    /// The query of a link that stands for the request for a while ("Authenticating Requests: Using Query Parameters").
    ///
    /// - Parameter expiresIn: Seconds, 1 to 604,800.
    func presignedQuery(_ request: Request, at date: AWSDate, expiresIn: Int) -> String {
        var request = request
        let names = Self.signedNames(request.headers)
        request.query += [
            ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(date))"),
            ("X-Amz-Date", date.timestamp), ("X-Amz-Expires", String(expiresIn)), ("X-Amz-SignedHeaders", names),
        ]
        if let token = credentials.sessionToken { request.query.append(("X-Amz-Security-Token", token)) }
        let canonical = Self.canonicalRequest(request, signedNames: names)
        let signature = signature(of: stringToSign(canonical, at: date), at: date)
        return "\(Self.canonicalQuery(request.query))&X-Amz-Signature=\(signature)"
    }

    /// Names and values percent-encoded, sorted by the bytes of the encoded name, then value.
    static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
        query.map { pair in
            (
                PercentCoding.encode(pair.name, keepsSlash: false),
                PercentCoding.encode(pair.value, keepsSlash: false)
            )
        }
        .sorted { $0 < $1 }
        .map { "\($0)=\($1)" }
        .joined(separator: "&")
    }

    static func canonicalRequest(_ request: Request, signedNames: String) -> String {
        [
            request.method, request.path, canonicalQuery(request.query), canonicalHeaders(request.headers),
            signedNames, request.payloadHash,
        ]
        .joined(separator: "\n")
    }

    /// Lower-case names in order, values trimmed and inner runs of spaces made one; a name given twice keeps both
    /// values, in their order.
    private static func canonicalHeaders(_ headers: [(name: String, value: String)]) -> String {
        var values: [String: [String]] = [:]
        for header in headers {
            let value = header.value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
            values[header.name.lowercased(), default: []].append(value)
        }
        return values.sorted { $0.key < $1.key }
            .map { "\($0.key):\($0.value.joined(separator: ","))\n" }
            .joined()
    }

    private static func signedNames(_ headers: [(name: String, value: String)]) -> String {
        Set(headers.map { $0.name.lowercased() }).sorted().joined(separator: ";")
    }

    private func scope(_ date: AWSDate) -> String {
        "\(date.day)/\(region)/\(service)/aws4_request"
    }

    private func stringToSign(_ canonicalRequest: String, at date: AWSDate) -> String {
        [
            Self.algorithm, date.timestamp, scope(date),
            SHA256.hash(data: Array(canonicalRequest.utf8)).hexadecimal,
        ]
        .joined(separator: "\n")
    }

    private func signature(of text: String, at date: AWSDate) -> String {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for part in [date.day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).hexadecimal
    }
}
