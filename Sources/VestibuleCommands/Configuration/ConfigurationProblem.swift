/// Something in a configuration file that keeps the server from starting, or that its operator should know.
struct ConfigurationProblem: Sendable, Hashable {
    enum Severity: Sendable, Hashable { case error, warning }

    var severity: Severity
    var place: SettingPlace
    /// One line: the key, what is wrong with it, and what would be right.
    var message: String

    static func error(_ place: SettingPlace, _ message: String) -> Self {
        Self(severity: .error, place: place, message: message)
    }

    static func warning(_ place: SettingPlace, _ message: String) -> Self {
        Self(severity: .warning, place: place, message: message)
    }

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
