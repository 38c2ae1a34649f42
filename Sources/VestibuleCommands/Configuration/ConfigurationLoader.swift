internal import VestibuleProtocol

/// Makes a configuration of a file, or refuses it with everything that is wrong with it.
struct ConfigurationLoader: Sendable {
    /// The tools that there are, against which the rules are checked.
    var tools: [Tool]

    /// - Throws: ``ConfigurationError``, or a ``CommandFailure`` where the file cannot be read.
    func load(file: String) throws -> Configuration {
        let bytes = try TextFile.read(file, maximumSize: YAMLDocument.maximumSize + 1, what: "configuration")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(file: file, problems: [.error(.start, "the file is not UTF-8 text")])
        }
        return try parse(text, file: file)
    }

    /// - Parameter file: The file's name, for messages and for paths that are relative to it.
    func parse(_ text: String, file: String?) throws(ConfigurationError) -> Configuration {
        var reader = SettingsReader()
        let settings = reader.read(YAMLDocument(text), as: SettingsTable.root)
        var builder = ConfigurationBuilder(
            settings: settings, folder: file.map(FilePath.folder(of:)), tools: tools, problems: reader.problems)
        var configuration = builder.build()
        configuration.file = file
        let errors = builder.problems.filter { $0.severity == .error }
        guard errors.isEmpty else {
            throw ConfigurationError(file: file ?? "(defaults)", problems: Self.ordered(errors))
        }
        configuration.warnings = Self.ordered(builder.problems)
        return configuration
    }

    /// Everything at its default.
    static var defaults: Configuration {
        var builder = ConfigurationBuilder(settings: SettingsTable.defaults, folder: nil, tools: [], problems: [])
        return builder.build()
    }

    private static func ordered(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
        var seen = Set<ConfigurationProblem>()
        return problems.filter { seen.insert($0).inserted }.sorted { $0.place < $1.place }
    }
}

extension SettingsTable {
    /// What a file that holds nothing amounts to.
    static var defaults: SettingSection {
        var reader = SettingsReader()
        return reader.read(YAMLDocument(""), as: root)
    }
}
