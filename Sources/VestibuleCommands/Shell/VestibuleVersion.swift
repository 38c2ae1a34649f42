/// The version of this build, as `--version`, `serverInfo` and `clientInfo` show it.
enum VestibuleVersion {
    static let text = "0.1.0"
}
