internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

/// Which data directory, with or without a configuration.
struct DataOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The data directory (else VESTIBULE_DATA, else ./vestibule-data).", valueName: "dir"))
    var data: String?

    /// The configuration: the file's, or everything at its default.
    func configuration() throws -> Configuration {
        guard let config else { return ConfigurationLoader.defaults }
        return try ConfigurationLoader(tools: ToolCatalogue.all).load(file: config)
    }

    func dataDirectory(in context: CommandContext, configuration: Configuration) -> DataDirectory {
        DataDirectory(path: context.dataDirectory(option: data, configured: configuration.data))
    }

    func dataDirectory(in context: CommandContext) throws -> DataDirectory {
        dataDirectory(in: context, configuration: try configuration())
    }
}

/// A duration as an option's value.
struct DurationArgument: Sendable, CustomStringConvertible {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    /// - Throws: `ValidationError` that says what a duration looks like.
    static func read(_ argument: String) throws -> Self {
        if let duration = DurationText.parse(argument) { return Self(duration) }
        let isNumber = !argument.isEmpty && argument.utf8.allSatisfy { (0x30...0x39).contains($0) }
        throw ValidationError(
            "expected a duration such as 30s, 5m or 1h" + (isNumber ? "; did you mean \(argument)s?" : ""))
    }

    var description: String { DurationText.format(duration) }
}

/// The algorithm of a key to be made, as an option's value.
struct AlgorithmArgument: ExpressibleByArgument, Sendable {
    var algorithm: SigningAlgorithm

    /// The algorithm where it is one for secrets.
    var hmac: HMACAlgorithm? { HMACAlgorithm(rawValue: algorithm.rawValue) }

    init?(argument: String) {
        let named = SigningAlgorithm.allCases.first { $0.rawValue.lowercased() == argument.lowercased() }
        guard let named else { return nil }
        self.algorithm = named
    }

    var defaultValueDescription: String { algorithm.rawValue }
    static var allValueStrings: [String] { SigningAlgorithm.allCases.map(\.rawValue) }
}
