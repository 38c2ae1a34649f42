internal import VestibuleProtocol

/// Something in a configuration file that keeps the server from starting, or that its operator should know.
struct ConfigurationProblem: Sendable, Hashable {
    enum Severity: Sendable, Hashable { case error, warning }

    var severity: Severity
    var place: SettingPlace
    /// One line: the key, what is wrong with it, and what would be right.
    let message: String

    /// The most characters of a message: a value of the file that it quotes may be as long as the file.
    static let maximumLength = 4_000

    private init(_ severity: Severity, _ place: SettingPlace, _ message: String) {
        self.severity = severity
        self.place = place
        // What it quotes of the file may hold line ends, and marks that steer a terminal.
        self.message = message.onOneLine(limit: Self.maximumLength)
    }

    static func error(_ place: SettingPlace, _ message: String) -> Self { Self(.error, place, message) }

    static func warning(_ place: SettingPlace, _ message: String) -> Self { Self(.warning, place, message) }

    /// `file:line:column: message`, as editors and terminals make links of.
    func line(file: String) -> String {
        "\(file):\(place.line):\(place.column): \(severity == .warning ? "warning: " : "")\(message)"
    }
}

/// A configuration that was refused: everything that is wrong with it, in the file's order.
struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    var file: String
    var problems: [ConfigurationProblem]

    var description: String {
        problems.map { $0.line(file: file) }.joined(separator: "\n")
    }
}
