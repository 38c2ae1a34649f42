internal import Logging
internal import VestibuleProtocol

/// A swift-log handler that writes one line an event to a sink.
struct LineLogHandler: LogHandler {
    let format: Configuration.LogFormat
    let sink: TextSink
    let clock: any WallClock
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let given = event.metadata { fields.merge(given) { _, new in new } }
        let sorted = fields.sorted { $0.key < $1.key }.map { (key: $0.key, value: LogValue($0.value)) }
        write(
            LogLine(
                time: LogTime.text(clock.now()), level: event.level, message: event.message.description, fields: sorted)
        )
    }

    func write(_ line: LogLine) {
        guard line.level >= logLevel else { return }
        switch format {
        case .text: sink.line(LogStyle.text(line))
        case .json: sink.line(LogStyle.json(line))
        }
    }
}

extension LogValue {
    init(_ value: Logger.Metadata.Value) {
        switch value {
        case .stringConvertible(let value as LogValue): self = value
        case .stringConvertible(let value as Int): self = .integer(value)
        case .stringConvertible(let value as Bool): self = .flag(value)
        default: self = .text(value.description)
        }
    }
}
