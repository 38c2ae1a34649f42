import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleBuckets

@Suite("folder store")
struct FolderBucketStoreTests {
    let folder: TemporaryFolder
    let store: FolderBucketStore
    var root: String { folder.path + "/root" }

    init() async throws {
        folder = try TemporaryFolder()
        store = FolderBucketStore(root: folder.path + "/root")
        try await store.createBucket("bucket-a")
        try await store.createBucket("bucket-b")
        try folder.write("secret", to: "outside.txt")
        try folder.write("secret", to: "root/bucket-b/other.txt")
    }

    func text(_ key: String) async throws -> String {
        let part = try await store.read(ByteRange(length: 100), of: key, in: "bucket-a", version: nil)
        return String(decoding: part.bytes, as: UTF8.self)
    }

    static let escapeAttempts = [
        "..", ".", "../outside.txt", "../../outside.txt", "../bucket-b/other.txt", "x/../../bucket-b/other.txt",
        "./../bucket-b/other.txt", "/etc/passwd", "//etc/passwd", "..\\bucket-b\\other.txt", "..\0", "\0", "a\0b",
        "%2e%2e/bucket-b/other.txt", "..%2Fbucket-b%2Fother.txt", "%2E%2E", "%2E%2E/bucket-b/other.txt", "%-", "%=",
        "%+", "a%=", "a%+/b", "．．/bucket-b/other.txt", "..\u{2215}bucket-b\u{2215}other.txt", "../.vestibule/objects",
        "\u{2024}\u{2024}/outside.txt", "~/x", "$HOME", "CON", "nul", "a:b", "-rf", "*", "line\nbreak",
    ]

    @Test(
        "a key that would lead out is a key like any other: it round-trips, and stays inside", arguments: escapeAttempts
    )
    func escapes(_ key: String) async throws {
        let missing = try await code { _ = try await store.info(of: key, in: "bucket-a", version: nil) }
        #expect(missing == .objectNotFound)
        _ = try await store.put(NewObject(key: key, bytes: Array("mine".utf8)), in: "bucket-a")
        #expect(try await text(key) == "mine")
        let listed = try await store.objects(in: "bucket-a", ObjectQuery()).objects
        #expect(listed.map { Array($0.key.utf8) } == [Array(key.utf8)])
        #expect(try String(contentsOfFile: folder.path + "/outside.txt", encoding: .utf8) == "secret")
        let other = folder.contents.filter { $0.hasPrefix("root/bucket-b/") }
        #expect(other == ["root/bucket-b/other.txt"])
        #expect(Set(folder.contents.filter { !$0.hasPrefix("root/") }) == ["outside.txt", "root"])
        #expect(
            Set(try FileManager.default.contentsOfDirectory(atPath: root)) == [".vestibule", "bucket-a", "bucket-b"])
    }

    @Test("links are not followed, wherever they stand")
    func links() async throws {
        let files = FileManager.default
        try files.createSymbolicLink(atPath: root + "/bucket-a/link.txt", withDestinationPath: "../../outside.txt")
        try files.createSymbolicLink(atPath: root + "/bucket-a/dir", withDestinationPath: "../bucket-b")
        try files.createSymbolicLink(atPath: root + "/bucket-c", withDestinationPath: "bucket-b")
        let linked = try await code { _ = try await text("link.txt") }
        #expect(linked == .accessDenied)
        let through = try await code { _ = try await text("dir/other.txt") }
        #expect(through == .objectNotFound)
        let bucket = try await code { _ = try await store.objects(in: "bucket-c", ObjectQuery()) }
        #expect(bucket == .bucketNotFound)
        #expect(try await store.buckets().map(\.name) == ["bucket-a", "bucket-b"])
        #expect(try await store.objects(in: "bucket-a", ObjectQuery()).objects.isEmpty)

        let replacing = try await code {
            _ = try await store.put(NewObject(key: "link.txt", bytes: [1]), in: "bucket-a")
        }
        #expect(replacing == .accessDenied)
        let below = try await code {
            _ = try await store.put(NewObject(key: "dir/new.txt", bytes: [1]), in: "bucket-a")
        }
        #expect(below != nil)
        #expect(!folder.contents.contains("root/bucket-b/new.txt"))
        #expect(try String(contentsOfFile: folder.path + "/outside.txt", encoding: .utf8) == "secret")
    }

    @Test("a pipe is refused at once, never waited for")
    func pipe() async throws {
        #expect(mkfifo(root + "/bucket-a/pipe", 0o600) == 0)
        let reading = try await code { _ = try await text("pipe") }
        #expect(reading == .accessDenied)
        let writing = try await code { _ = try await store.put(NewObject(key: "pipe", bytes: [1]), in: "bucket-a") }
        #expect(writing == .accessDenied)
        #expect(try await store.objects(in: "bucket-a", ObjectQuery()).objects.isEmpty)
    }

    @Test("files that were put there by hand are objects, with a type by their extension")
    func byHand() async throws {
        try folder.write("a,b\n", to: "root/bucket-a/dir one/größe.csv")
        let info = try await store.info(of: "dir one/größe.csv", in: "bucket-a", version: nil)
        #expect(info.contentType == "text/csv; charset=utf-8")
        let first = info.summary.etag
        try folder.write("a,b,c\n", to: "root/bucket-a/dir one/größe.csv")
        let changed = try await store.info(of: "dir one/größe.csv", in: "bucket-a", version: nil)
        #expect(changed.summary.etag != first)
    }

    @Test("what was stored with an object is forgotten when the file is replaced by hand")
    func staleRecord() async throws {
        _ = try await store.put(
            NewObject(key: "k.txt", bytes: [1], contentType: "x/y", metadata: ["a": "b"]), in: "bucket-a")
        try folder.write("by hand", to: "root/bucket-a/k.txt")
        let info = try await store.info(of: "k.txt", in: "bucket-a", version: nil)
        #expect(info.contentType == "text/plain; charset=utf-8")
        #expect(info.metadata.isEmpty)
    }

    @Test("a file whose name no key could have made is not listed")
    func foreignNames() async throws {
        for name in ["100%.txt", "%41", "a%", "%2e%2e", "x%2F", "back\\slash"] {
            try folder.write("x", to: "root/bucket-a/" + name)
        }
        try folder.write("x", to: "root/bucket-a/good.txt")
        try FileManager.default.createDirectory(atPath: root + "/bucket-a/empty", withIntermediateDirectories: true)
        let page = try await store.objects(in: "bucket-a", ObjectQuery(delimiter: "/"))
        #expect(page.objects.map(\.key) == ["good.txt"])
        #expect(page.commonPrefixes.isEmpty)
    }

    @Test("an object and objects below it stand side by side, whichever came first")
    func besideDirectory() async throws {
        for keys in [["a", "a/b", "a/b/c"], ["z/y/x", "z/y", "z"]] {
            for key in keys { _ = try await store.put(NewObject(key: key, bytes: Array(key.utf8)), in: "bucket-a") }
            for key in keys { #expect(try await text(key) == key) }
            for key in keys { _ = try await store.put(NewObject(key: key, bytes: [0x21]), in: "bucket-a") }
            for key in keys { #expect(try await text(key) == "!") }
        }
        let keys = try await store.objects(in: "bucket-a", ObjectQuery()).objects.map(\.key)
        #expect(keys == ["a", "a/b", "a/b/c", "z", "z/y", "z/y/x"])
    }

    @Test("very long segments are in order, too, where they interleave with short ones")
    func longSegments() async throws {
        let stem = String(repeating: "k", count: 252)
        let keys = [stem, stem + "\u{1}", stem + "a", stem + "aa", stem + "a/b", stem + "é", stem + "éé", stem + "z"]
        for key in keys { _ = try await store.put(NewObject(key: key, bytes: [1]), in: "bucket-a") }
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for size in [1, 3, 100] {
            var found: [String] = []
            var query = ObjectQuery(maximumKeys: size)
            repeat {
                let page = try await store.objects(in: "bucket-a", query)
                found += page.objects.map(\.key)
                query.continuationToken = page.continuationToken
            } while query.continuationToken != nil && found.count < 100
            #expect(found == sorted)
        }
    }

    @Test("a key of 512 empty segments needs no more than a few open files")
    func deep() async throws {
        for key in [String(repeating: "/", count: 1024), String(repeating: "a/", count: 511) + "b"] {
            _ = try await store.put(NewObject(key: key, bytes: [1]), in: "bucket-a")
            #expect(try await text(key) == "\u{1}")
        }
        #expect(try await store.objects(in: "bucket-a", ObjectQuery()).objects.count == 2)
    }

    @Test("readers see the old object or the new one, never a mixture, and nothing is left behind")
    func atomic() async throws {
        let store = store
        _ = try await store.put(NewObject(key: "k", bytes: Array(repeating: 0, count: 5000)), in: "bucket-a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 1...20 {
                group.addTask {
                    let bytes = Array(repeating: UInt8(round), count: 5000 + round)
                    _ = try await store.put(
                        NewObject(key: "k", bytes: bytes, metadata: ["round": "\(round)"]), in: "bucket-a")
                }
                group.addTask {
                    let part = try await store.read(ByteRange(length: 9999), of: "k", in: "bucket-a", version: nil)
                    #expect(Set(part.bytes).count == 1)
                    #expect(part.bytes.count == 5000 + Int(part.bytes.first ?? 255))
                }
            }
            try await group.waitForAll()
        }
        let side = folder.contents.filter { $0.contains(".vestibule/") }
        #expect(side.filter { $0.contains("/incoming/") }.isEmpty)
        #expect(side.filter { $0.contains("/objects/bucket-a/") }.count == 1)
    }

    @Test("an object over the bound is refused")
    func tooLarge() async throws {
        let bytes = [UInt8](repeating: 0, count: FolderBucketStore.maximumObjectSize + 1)
        let refused = try await code { _ = try await store.put(NewObject(key: "k", bytes: bytes), in: "bucket-a") }
        #expect(refused == .tooLarge)
    }

    @Test(
        "paths on disk are as documented",
        arguments: [
            ("a/b.txt", ["a", "b.txt"]), ("a//b", ["a", "%-", "b"]), ("a/", ["a", "%-"]), ("/a", ["%-", "a"]),
            ("..", ["%2E%2E"]), (".", ["%2E"]), ("...", ["..."]), ("a%b", ["a%25b"]), ("a\\b", ["a%5Cb"]),
            ("\0", ["%00"]), ("é 日", ["é 日"]),
            (
                String(repeating: "x", count: 254),
                [String(repeating: "x", count: 253) + "%+", "x"]
            ),
            (String(repeating: "x", count: 253) + "..", [String(repeating: "x", count: 253) + "%+", "%2E%2E"]),
        ])
    func diskPaths(_ key: String, _ names: [String]) {
        #expect(DiskPath(key: key).names == names)
    }

    @Test("no two keys share a path")
    func distinctPaths() {
        let parts = ["", "a", "%", "%-", "%+", "%=", ".", "..", "%2E", "\0", String(repeating: "y", count: 253)]
        var seen: [[String]: String] = [:]
        for first in parts {
            for second in parts {
                for key in [first + second, first + "/" + second] where !key.isEmpty {
                    let names = DiskPath(key: key).names
                    if let other = seen[names] { #expect(other == key) }
                    seen[names] = key
                    #expect(names.allSatisfy { $0.utf8.count <= 255 && !$0.contains("/") && !$0.isEmpty })
                }
            }
        }
    }
}
