internal import Logging
internal import VestibuleAuth
internal import VestibuleProtocol

/// One line for each change of an issuer's keys and of what is revoked that a running server noticed, for each file that
/// it could not use, and for an issuer that does not answer.
struct KeyLog: Sendable {
    var handler: LineLogHandler

    func note(issuer: String, _ news: LiveKeyRing.News) {
        switch news {
        case .changed(let ring):
            write(.notice, "keys changed", issuer, [("active", ring.active.map { .text($0.kid) })])
        case .warning(let line):
            write(.warning, "keys warning", issuer, [("detail", .text(line))])
        case .problem(let error):
            write(
                .warning, "keys not reloaded", issuer,
                [("detail", .text("\(error.message); serving on with the keys from before"))])
        }
    }

    func note(_ news: LiveRevocations.News) {
        switch news {
        case .changed(let count): write(.notice, "revocations changed", nil, [("count", .integer(count))])
        case .problem(let error):
            write(
                .warning, "revocations not reloaded", nil,
                [("detail", .text("\(error.message); what was revoked before stays revoked"))])
        }
    }

    func note(issuer: String, _ news: RemoteKeyRing.News) {
        switch news {
        case .changed(let ring):
            let kids = ring.verifying(at: handler.clock.now()).map(\.kid).prefix(10).joined(separator: " ")
            write(.notice, "keys changed", issuer, [("kids", .text(kids))])
        case .failed(let status):
            let consequence =
                status.hasKeys
                ? "serving on with the keys from before" : "no token of this issuer is accepted until they are here"
            let next = status.nextFetch.map { ", asked again at \($0)" } ?? ""
            let cause = status.failure?.message ?? ""
            write(.warning, "keys not fetched", issuer, [("detail", .text("\(cause); \(consequence)\(next)"))])
        case .recovered:
            write(.notice, "keys fetched again", issuer, [])
        }
    }

    func note(issuer: String, _ news: TokenIntrospection.News) {
        switch news {
        case .failed(let line): write(.warning, "introspection failed", issuer, [("detail", .text(line))])
        case .recovered: write(.notice, "introspection recovered", issuer, [])
        }
    }

    func note(_ news: ScheduledRotation.News) {
        switch news {
        case .begun(let key):
            var fields: [(String, LogValue?)] = [("kid", .text(key.kid))]
            if case .scheduled(let date) = key.state { fields.append(("signs_from", .text(date.description))) }
            write(.notice, "rotation begun", nil, fields)
        case .problem(let error):
            write(
                .warning, "rotation not possible", nil,
                [("detail", .text("\(error.message); the keys stay as they are, tried again in a minute"))])
        }
    }

    private func write(_ level: Logger.Level, _ message: String, _ issuer: String?, _ more: [(String, LogValue?)]) {
        let fields: [(String, LogValue?)] = [("issuer", issuer.map { .text($0) })] + more
        handler.write(
            LogLine(
                time: LogTime.text(handler.clock.now()), level: level, message: message,
                fields: fields.compactMap { key, value in value.map { (key: key, value: $0) } }))
    }
}
