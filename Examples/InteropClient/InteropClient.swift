import VestibuleClient

/// Takes steps from standard input, a JSON object a line, does each with one client, and answers each with a line.
///
///     interop-client [--era automatic|legacy|modern] [--version V] [--token T] URL
///     interop-client [--era …] [--version V] -- COMMAND [ARGUMENT…]
///
/// A step is `{"do": …}` with what it needs; see ``Driver``. The answer is `{"ok": …}` or `{"error": code, "message": line}`.
@main
struct InteropClient {
    static func main() async {
        let options: Options
        do {
            options = try Options(Array(CommandLine.arguments.dropFirst()))
        } catch {
            say(["error": "usage", "message": .string("\(error)")])
            return
        }
        let driver = Driver(options)
        while let line = readLine() {
            do {
                say(["ok": try await driver.run(try JSONValue(parsing: line))])
            } catch {
                say(Self.explained(error))
            }
        }
        await driver.client.close()
    }

    /// Pipes keep what is printed until they are full; nobody may have to wait for that.
    private static func say(_ line: JSONObject) { FileOutput.write(JSONValue.object(line).description + "\n") }

    private static func explained(_ error: any Error) -> JSONObject {
        guard let error = error as? MCPClientError else { return ["error": "other", "message": .string("\(error)")] }
        var line: JSONObject = ["error": .string(error.code.description), "message": .string(error.message)]
        if let rpc = error.rpcError {
            line["rpc"] = ["code": .integer(rpc.code.rawValue), "data": rpc.data ?? .null]
        }
        line["reason"] = (error.reason?.rawValue).map(JSONValue.string)
        line["status"] = error.status.map(JSONValue.integer)
        return line
    }
}

/// What the command line says.
struct Options {
    enum Target {
        case url(String)
        case command(String, [String])
    }

    struct Problem: Error, CustomStringConvertible { let description: String }

    var target: Target
    var era = MCPClientConfiguration.Era.automatic
    var version: String?
    var token: String?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--era":
                guard let era = rest.popFirst().flatMap(MCPClientConfiguration.Era.init(rawValue:)) else {
                    throw Problem(description: "--era is automatic, legacy or modern")
                }
                self.era = era
            case "--version": version = rest.popFirst()
            case "--token": token = rest.popFirst()
            case "--":
                guard let command = rest.popFirst() else { throw Problem(description: "no command follows --") }
                target = .command(command, Array(rest))
                return
            default:
                target = .url(word)
                return
            }
        }
        throw Problem(description: "a URL, or -- and a command, is missing")
    }
}
