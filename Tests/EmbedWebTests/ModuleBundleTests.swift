import Testing

@testable import embed_web

@Suite("The bundle of the browser modules")
struct ModuleBundleTests {
    private func bundle(_ files: [String: String], running others: [String] = []) throws -> String {
        let files = files.map { WebFile(path: $0.key, text: $0.value) }
        var bundle = ModuleBundle(files, folder: "Web")
        return try bundle.text(of: "vestibule.js", running: others)
    }

    @Test("puts every module into a function of its own, in the order in which they need one another")
    func order() throws {
        let text = try bundle(
            [
                "vestibule.js":
                    "export { Client as MCPClient } from \"./client.js\";\nexport * from \"./errors.js\";\n",
                "client.js": """
                // import { nothing } from "./comment.js";
                import { Failure, code as status } from "./errors.js";
                import * as all from "./errors.js";

                const text = `
                export ${all.code + `${1}`} }
                `;
                const pattern = /[/"'`]import/;
                export class Client { fail() { throw new Failure(status, text, pattern); } }

                """,
                "errors.js": "export class Failure extends Error {}\nexport const code = 1;\n",
                "elements.js": "import { MCPClient } from \"./vestibule.js\";\nglobalThis.seen = MCPClient;\n",
            ], running: ["elements.js"])
        #expect(
            text == """
                // The modules of Vestibule in one file, made when the server was built.

                // errors.js
                const $module0 = (() => {
                class Failure extends Error {}
                const code = 1;

                return { Failure: Failure, code: code };
                })();

                // client.js
                const $module1 = (() => {
                const { Failure, code: status } = $module0;
                const all = $module0;
                // import { nothing } from "./comment.js";



                const text = `
                export ${all.code + `${1}`} }
                `;
                const pattern = /[/"'`]import/;
                class Client { fail() { throw new Failure(status, text, pattern); } }

                return { Client: Client };
                })();

                // vestibule.js
                const $module2 = (() => {



                return { MCPClient: $module1.Client, Failure: $module0.Failure, code: $module0.code };
                })();

                // elements.js
                const $module3 = (() => {
                const { MCPClient } = $module2;

                globalThis.seen = MCPClient;

                return {  };
                })();

                const { MCPClient, Failure, code } = $module2;
                export { MCPClient, Failure, code };

                """)
    }

    @Test(
        "refuses what it does not understand, with file and line",
        arguments: [
            ("\nexport default 1;\n", ":2: error: expected export const"),
            ("export let changing = 1;\n", ":1: error: expected export const"),
            ("export const { a } = b;\n", ":1: error: expected export const"),
            ("const a = 1;\n  export { a };\n", ":2: error: export has to stand at the start of a line"),
            ("const a = import(\"./b.js\");\n", ":1: error: import has to stand at the start of a line"),
            ("const a = import.meta.url;\n", ":1: error: import has to stand at the start of a line"),
            ("import b from \"./b.js\";\n", ":1: error: expected import"),
            ("import { a } from \"./b.js\"\n", ":1: error: expected import"),
            ("import { a } from \"lit\";\n", ":1: error: \"lit\" is no file of Web/"),
            ("import { a } from \"../b.js\";\n", ":1: error: \"../b.js\" leads out of Web/"),
            ("import { a } from \"./b.js\";\n", ":1: error: there is no module b.js"),
            ("import { a } from \"./vestibule.js\";\n", ":1: error: modules that import one another in a circle"),
            ("\n\nimport { a } from \"./other.js\";\n", ":3: error: other.js does not export a"),
            ("const a = await fetch(\"/\");\n", ":1: error: await outside of a function"),
        ])
    func refusals(_ text: String, _ problem: String) {
        let error = #expect(throws: EmbeddingError.self) {
            try bundle(["vestibule.js": text, "other.js": "export const other = 1;\n"])
        }
        #expect(error?.description.hasPrefix("Web/vestibule.js" + problem) == true, "\(error?.description ?? "")")
    }

    @Test(
        "takes for code only what is code",
        arguments: [
            "const a = b.import;\n", "const f = async () => await g();\n", "// export default 1;\n",
            "/* import(\"x\") */\n", "const a = \"import('x')\";\n", "const a = x / 2; const b = '/import(';\n",
            "const a = (x) / 2 / 3; const b = `import ${`export`}`;\n", "async function f() { await g(); }\n",
        ])
    func code(_ text: String) throws {
        _ = try bundle(["vestibule.js": text])
    }
}

@Suite("The Swift source of the embedded files")
struct SwiftSourceTests {
    @Test("has every character that could be read differently by its number")
    func literals() {
        #expect(
            SwiftSource.literal("a\"\\(b)\r\n\té\u{0}\u{2028}🛎") == #""a\"\\(b)\r\n\t\u{e9}\u{0}\u{2028}\u{1f6ce}""#)
    }

    @Test(
        "leaves out tests and what is for tools",
        arguments: [
            ("mcp-client.js", true), ("page/page.css", true), ("page/index.html", true), ("icon.svg", true),
            ("words.json", true), ("tests/a.js", false), ("a.test.js", false), ("jsconfig.json", false),
            ("package.json", false), ("README.md", false), (".hidden.js", false), ("page/.DS_Store", false),
        ])
    func served(_ path: String, _ isServed: Bool) {
        #expect(WebFolder.isServed(path) == isServed)
    }
}
