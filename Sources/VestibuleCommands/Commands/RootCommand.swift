internal import ArgumentParser

struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vestibule",
        abstract: "An MCP server with an open handshake and locked operations, and the tools to look after it.",
        discussion: """
            Start with:
              vestibule serve     serves sample buckets, and prints three commands to try
              vestibule demo      replays the incident that it was made for, and its cure

            Exit codes: 0 success; 1 a refusal or a finding; 2 could not run, with one line that says what to do.
            VESTIBULE_DATA names the data directory (default ./vestibule-data).
            """,
        version: VestibuleVersion.text,
        subcommands: [
            ServeCommand.self, DemoCommand.self, KeysCommand.self, TokenCommand.self, ToolsCommand.self,
            CallCommand.self, ConfigCommand.self,
        ])
}
