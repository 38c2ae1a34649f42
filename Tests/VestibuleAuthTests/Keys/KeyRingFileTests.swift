import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A key ring file is private, whole, and says what is wrong with it")
struct KeyRingFileTests {
    let directory: TemporaryDirectory
    let path: String
    let file: KeyRingFile

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("keys.json")
        file = KeyRingFile(path: path)
    }

    private func code(_ body: () throws -> Void) -> KeyError.Code? {
        #expect(throws: KeyError.self, performing: body)?.code
    }

    @Test("what is saved is loaded again, in every state and of every algorithm")
    func roundTrip() throws {
        let fixture = Fixture()
        try file.save(try fixture.ring)
        let loaded = try file.load()
        #expect(loaded.document == (try fixture.ring.document))
        #expect(loaded.keys.map(\.fingerprint) == (try fixture.ring.keys.map(\.fingerprint)))
    }

    @Test("the file has mode 0600 whatever the mask, missing directories 0700, and nothing else lies beside it")
    func modes() throws {
        let nested = KeyRingFile(path: directory.file("a/b/keys.json"))
        try nested.save(KeyRing())
        #expect(try mode(of: nested.path) == 0o600)
        #expect(try mode(of: directory.file("a")) == 0o700)
        #expect(try mode(of: directory.file("a/b")) == 0o700)
        try nested.save(KeyRing())
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("a/b")) == ["keys.json"])
    }

    @Test(
        "a file that others can reach is refused, with its mode and the command that mends it",
        arguments: [
            0o644, 0o640, 0o604, 0o660, 0o622, 0o601,
        ])
    func insecure(_ mode: Int) throws {
        try file.save(KeyRing())
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = #expect(throws: KeyError.self) { try file.load() }
        #expect(error?.code == .insecurePermissions)
        #expect(error?.message.contains("mode 0" + String(mode, radix: 8)) == true)
        #expect(error?.message.hasSuffix("run: chmod 600 \(path)") == true)
    }

    @Test("a missing file, a directory and a pipe are told apart from a damaged file")
    func notAFile() throws {
        #expect(code { _ = try file.load() } == .missingFile)
        #expect(code { _ = try KeyRingFile(path: directory.path).load() } == .unreadable)
        let pipe = directory.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(code { _ = try KeyRingFile(path: pipe).load() } == .unreadable)
    }

    @Test(
        "a damaged file is named together with what is wrong in it",
        arguments: [
            ("", "no JSON value"), ("{", "ends too early"), ("[]", "\"format\""), ("{}", "\"format\""),
            (#"{"format":"vestibule key ring","version":2,"keys":[]}"#, "\"version\""),
            (#"{"format":"vestibule key ring","version":1}"#, "\"keys\""),
            (#"{"format":"vestibule key ring","version":1,"version":1,"keys":[]}"#, "occurs twice"),
            (#"{"format":"vestibule key ring","version":1,"keys":[7]}"#, "keys[0]"),
            (#"{"format":"vestibule key ring","version":1,"keys":[{"kid":"a","jwk":{}}]}"#, "\"state\""),
            (
                #"{"format":"vestibule key ring","version":1,"keys":[{"kid":"a","state":"verifying","jwk":{}}]}"#,
                "\"until\""
            ),
            (
                #"{"format":"vestibule key ring","version":1,"keys":[{"kid":"a","state":"next","created_at":1,"jwk":{}}]}"#,
                "not supported"
            ),
        ])
    func damaged(_ text: String, says: String) throws {
        _ = try directory.write(Array(text.utf8), to: "keys.json")
        let error = #expect(throws: KeyError.self) { try file.load() }
        #expect(error?.code == .corrupted)
        #expect(error?.message.contains(path) == true)
        #expect(error?.message.contains(says) == true, "\(String(describing: error))")
    }

    @Test("a file of more than a mebibyte is not read")
    func tooLarge() throws {
        _ = try directory.write([UInt8](repeating: 0x20, count: 1 << 20 + 1), to: "keys.json")
        #expect(code { _ = try file.load() } == .corrupted)
    }

    @Test("where nothing can be written, the error says so and the old file stands")
    func readOnly() throws {
        let fixture = Fixture()
        // A file stands where the directory should be: as unwritable for root as for anybody.
        _ = try directory.write([], to: "plain")
        let blocked = KeyRingFile(path: directory.file("plain/keys.json"))
        #expect(code { try blocked.save(KeyRing()) } == .notWritable)
        // A directory stands where the file should be: the new file is written, but cannot take its place.
        try FileManager.default.createDirectory(atPath: path + "/in", withIntermediateDirectories: true)
        #expect(code { try file.save(try fixture.ring) } == .notWritable)
        #expect(try directory.names() == ["keys.json", "plain"], "nothing half written is left behind")
    }

    @Test("a full disk is an error that says so", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { _ = close(descriptor) }
        let error = #expect(throws: KeyError.self) {
            try PrivateFile.writeAll([1, 2, 3], to: descriptor, path: path)
        }
        #expect(error?.code == .notWritable)
        #expect(error?.message == "cannot store \(path): No space left on device; nothing was changed")
    }

    @Test(
        "a file system that takes no files is an error",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
    func readOnlyFileSystem() throws {
        let error = #expect(throws: KeyError.self) { try KeyRingFile(path: "/proc/keys.json").save(KeyRing()) }
        #expect(error?.code == .notWritable)
        #expect(error?.message.contains("directory /proc") == true)
    }

    @Test("an update that throws saves nothing")
    func failedUpdate() throws {
        try file.save(KeyRing())
        #expect(throws: KeyError.self) {
            try file.update { (ring: inout KeyRing) throws(KeyError) in
                try ring.add(Fixture.key(.hs256, "a", .active))
                throw KeyError(.unknownKey, "no")
            }
        }
        #expect(try file.load().keys.isEmpty)
    }

    @Test("writers at the same time lose none of their changes, and a reader always sees a whole file")
    func concurrent() async throws {
        try file.save(KeyRing())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    try file.update { (ring: inout KeyRing) throws(KeyError) in
                        try ring.add(Fixture.key(.hs256, "key-\(index)", .next))
                    }
                }
                group.addTask { _ = try file.load() }
            }
            try await group.waitForAll()
        }
        #expect(Set(try file.load().keys.map(\.kid)).count == 20)
    }

    @Test("the first of two that start at once makes the ring, the other takes it")
    func loadOrCreate() throws {
        let make = { () throws(KeyError) in try KeyRing([Fixture.key(.es256, "a", .active)]) }
        let first = try file.loadOrCreate(make)
        let second = try file.loadOrCreate(make)
        #expect(first.active?.fingerprint == second.active?.fingerprint)
    }

    @Test("a file that cannot be looked at is not taken for none, and no ring is made in its place")
    func notLookedAt() throws {
        // A link to itself: as closed to root as to anybody.
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        let error = #expect(throws: KeyError.self) { try file.loadOrCreate { KeyRing() } }
        #expect(error?.code == .unreadable)
        #expect(error?.message == "cannot look at \(path): Too many levels of symbolic links")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == path)
    }
}
