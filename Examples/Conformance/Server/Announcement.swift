import Foundation

/// Tells whoever started the program where it is, at once even if that is no terminal.
@Sendable func announce(_ url: String) async {
    FileHandle.standardOutput.write(Data("\(url)\n".utf8))
}

/// What the environment says of a number.
func environmentNumber(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
}
