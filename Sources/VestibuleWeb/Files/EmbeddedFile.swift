/// A file of `Web/` as the build put it into the binary.
struct EmbeddedFile: Sendable {
    var path: String
    var contents: StaticString

    var bytes: [UInt8] { contents.withUTF8Buffer { Array($0) } }
}
