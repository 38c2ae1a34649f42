import Foundation
import PackagePlugin

/// Puts the files of `Web/` into the target as one Swift file, so that the binary serves them without any beside it.
@main
struct EmbedWeb: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let web = context.package.directoryURL.appending(path: "Web")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        // Every file, also those that are left out: which are, is the tool's to say.
        let inputs = FileManager.default.enumerator(at: web, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }
            .filter { !$0.hasDirectoryPath }
        return [
            .buildCommand(
                displayName: "Embedding Web/", executable: try context.tool(named: "embed-web").url,
                arguments: [web.path(), output.path()], inputFiles: inputs ?? [], outputFiles: [output])
        ]
    }
}
