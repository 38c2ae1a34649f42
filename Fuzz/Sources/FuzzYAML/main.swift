// The configuration: refused with places that lie in the file, or accepted and then printed as a file that is accepted
// with the same settings.

import FuzzSupport
import VestibuleProtocol

@testable import VestibuleCommands

let tools = [
    Tool(
        name: "bucket_objects_list",
        inputSchema: [
            "type": "object", "properties": ["bucket": ["type": "string"], "prefix": ["type": "string"]],
        ]),
    Tool(name: "whoami", inputSchema: ["type": "object"]),
]

fuzz { input in
    guard let text = String(validating: input, as: UTF8.self) else { return }
    let loader = ConfigurationLoader(tools: tools)
    let configuration: Configuration
    do throws(ConfigurationError) {
        configuration = try loader.parse(text, file: nil)
    } catch {
        demand(!error.problems.isEmpty, "refused without saying why")
        let lines = text.unicodeScalars.count { ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains($0) } + 2
        for problem in error.problems {
            demand((1...lines).contains(problem.place.line), "line \(problem.place.line) of \(lines): \(problem)")
            demand(!problem.message.contains("\n"), "more than one line: \(problem)")
        }
        return
    }
    let printed = SettingsPrinter.yaml(configuration.settings)
    do throws(ConfigurationError) {
        let again = try loader.parse(printed, file: nil)
        demand(SettingsPrinter.yaml(again.settings) == printed, "printed, it is read as other settings:\n\(printed)")
    } catch {
        violated("printed, it is refused: \(error)\n\(printed)")
    }
}
