import Foundation
import PackagePlugin

/// Puts the files of `Web/` into the target as one Swift file, so that the binary serves them without any beside it.
@main
struct EmbedWeb: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let web = context.package.directoryURL.appending(path: "Web")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        // Every file, also those that are left out: which are, is the tool's to say. And every folder, since a file that
        // is new is known to nobody before the next plan of the build.
        let inputs = FileManager.default.enumerator(at: web, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }
        return [
            .buildCommand(
                displayName: "Embedding Web/", executable: try context.tool(named: "embed-web").url,
                arguments: [web.path(), output.path()], inputFiles: [web] + (inputs ?? []), outputFiles: [output])
        ]
    }
}
