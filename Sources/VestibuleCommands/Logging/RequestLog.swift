internal import Logging
internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// One line a request: what was asked, with which token, what was decided and why. Never a token, secret or session id.
struct RequestLog: Sendable {
    var handler: LineLogHandler

    func record(_ record: RequestRecord) {
        let level = Self.level(of: record)
        guard level >= handler.logLevel else { return }
        handler.write(
            LogLine(
                time: LogTime.text(handler.clock.now()), level: level, message: "request",
                fields: Self.fields(of: record)))
    }

    /// A refusal is the server's daily work; only its own failures are errors.
    private static func level(of record: RequestRecord) -> Logger.Level {
        if record.status >= 500 { return .error }
        // A page fetches dozens of files; they are of interest where something is wrong with them.
        let isFile = record.path?.hasPrefix("/web/") == true && record.status < 400
        return isFile ? .debug : .info
    }

    private static func fields(of record: RequestRecord) -> [(key: String, value: LogValue)] {
        let fields: [(String, LogValue?)] = [
            ("http_method", .text(record.httpMethod)),
            ("path", record.path.map(LogValue.text)),
            ("method", record.method.map(LogValue.text)),
            ("tool", record.tool.map(LogValue.text)),
            ("phase", (record.phase?.rawValue).map(LogValue.text)),
            ("token", .flag(record.tokenSent)),
            ("kid", record.keyID.map(LogValue.text)),
            ("token_age", record.tokenAge.map { .number($0.inSeconds, decimals: 1) }),
            ("verdict", .text(record.verdict.rawValue)),
            ("status", .integer(record.status)),
            ("reason", (record.reason?.rawValue).map(LogValue.text)),
            ("detail", record.detail.map(LogValue.text)),
            ("duration_ms", .number(record.duration.inSeconds * 1000, decimals: 2)),
            ("session", record.sessionFingerprint.map(LogValue.text)),
            ("client", (record.clientName ?? record.userAgent).map(LogValue.text)),
            ("remote", record.remoteAddress.map(LogValue.text)),
            ("request_id", .text(record.requestID)),
        ]
        return fields.compactMap { key, value in value.map { (key, $0) } }
    }
}
