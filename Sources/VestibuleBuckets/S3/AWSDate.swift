internal import VestibuleProtocol

/// A moment as AWS writes it in signatures: `20130524T000000Z`.
struct AWSDate: Sendable, Equatable {
    /// `YYYYMMDDTHHMMSSZ`.
    let timestamp: String
    /// `YYYYMMDD`.
    var day: String { String(timestamp.prefix(8)) }

    /// A moment outside the years 1970 to 9999 is brought to the nearer end.
    init(_ date: NumericDate) {
        let seconds = min(max(date.seconds.isNaN ? 0 : date.seconds, 0), 253_402_300_799)
        let text = UTCTime(NumericDate(seconds)).map(\.description) ?? ""
        timestamp = String(text.filter { $0 != "-" && $0 != ":" })
    }
}

extension NumericDate {
    /// The moment of `2013-05-24T00:00:00.000Z`, as S3's listings write it, to the second.
    static func parse(iso text: String) -> NumericDate? {
        let fields = text.utf8.split { !(0x30...0x39).contains($0) }.prefix(6).compactMap { Int(String($0) ?? "") }
        guard fields.count == 6, text.utf8.last == UInt8(ascii: "Z") else { return nil }
        return UTCTime(
            year: fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4], second: fields[5]
        )
        .numericDate
    }
}
