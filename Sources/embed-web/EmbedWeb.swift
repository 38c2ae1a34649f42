import Foundation

/// Makes one Swift file of the files in a folder: `embed-web FOLDER OUTPUT`. Run by the build (`Plugins/EmbedWeb`).
@main
struct EmbedWeb {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { fail("usage: embed-web FOLDER OUTPUT") }
        do {
            let folder = WebFolder(path: arguments[1])
            var files = try folder.files()
            if let bundle = try ModuleBundle.standard(of: files, folder: folder.path) {
                files.removeAll { $0.path == bundle.path }
                files.append(bundle)
            }
            let text = SwiftSource.text(of: files.sorted { $0.path < $1.path })
            try Data(text.utf8).write(to: URL(fileURLWithPath: arguments[2]), options: .atomic)
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(1)
    }
}
