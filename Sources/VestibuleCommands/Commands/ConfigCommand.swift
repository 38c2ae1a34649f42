internal import ArgumentParser
internal import VestibuleProtocol

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check a configuration, print it whole, or print its schema.",
        discussion: "Example: vestibule config check vestibule.yaml",
        subcommands: [Check.self, Print.self, Schema.self])

    struct Check: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report everything that is wrong with a configuration file, each with its line.",
            discussion: """
                Example: vestibule config check vestibule.yaml

                The files that it names are looked at, too. Exit code 0 where everything is good, 2 where the server \
                would refuse to start with it.
                """)

        @Argument(help: "The configuration file.")
        var file: String

        @Flag(help: "Print the problems as JSON.")
        var json = false

        func run(in context: CommandContext) async throws {
            do {
                let configuration = try ConfigurationLoader(tools: ToolCatalogue.all).load(file: file)
                let found = configuration.problemsWithFiles(now: context.clock.now())
                let errors = found.filter { $0.severity == .error }
                guard errors.isEmpty else { throw ConfigurationError(file: file, problems: errors) }
                report(configuration.warnings + found, in: context)
                if !json { context.output.line("\(file): ok") }
            } catch let error as ConfigurationError {
                report(error.problems, in: context)
                throw CommandFailure.couldNotRun("")
            }
        }

        private func report(_ problems: [ConfigurationProblem], in context: CommandContext) {
            if json {
                context.output.line(JSONValue.array(problems.map { $0.json(file: file) }).description)
            } else {
                for problem in problems { context.talk.line(problem.line(file: file)) }
            }
        }
    }

    struct Print: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the configuration as it takes effect: the file's keys and every default.",
            discussion: "Example: vestibule config print --config vestibule.yaml")

        @OptionGroup var options: DataOptions

        @Flag(help: "Print it as JSON.")
        var json = false

        func run(in context: CommandContext) async throws {
            var configuration = try options.configuration()
            configuration.setData(context.dataDirectory(option: options.data, configured: configuration.data))
            if json {
                context.output.line(SettingValue.section(configuration.settings).json.description)
            } else {
                context.output.write(SettingsPrinter.yaml(configuration.settings))
            }
        }
    }

    struct Schema: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of configuration files, for editors.",
            discussion: "Example: vestibule config schema > vestibule.schema.json")

        @Flag(help: "Print the reference page in place of the schema.")
        var markdown = false

        func run(in context: CommandContext) async throws {
            context.output.write(
                markdown ? SettingsReference.markdown : PrettyJSON.text(of: .object(SettingsTable.schema)) + "\n")
        }
    }
}

extension ConfigurationProblem {
    fileprivate func json(file: String) -> JSONValue {
        [
            "file": .string(file), "line": .integer(place.line), "column": .integer(place.column),
            "severity": severity == .error ? "error" : "warning", "message": .string(message),
        ]
    }
}

extension Configuration {
    /// Shows the data directory that is really used in `config print`.
    mutating func setData(_ path: String) {
        data = path
        for index in settings.entries.indices where settings.entries[index].name == "data" {
            settings.entries[index].value.value = .text(path)
        }
    }
}
