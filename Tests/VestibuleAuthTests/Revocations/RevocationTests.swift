import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

private let now = Fixture.now

@Suite("What is revoked")
struct RevocationTests {
    private func principal(
        _ subject: String = "ada", issuer: String = Fixture.issuer, id: String? = "t-1", key: String? = "k-1",
        issuedAt: Double? = 0
    ) -> Principal {
        Principal(
            issuer: issuer, subject: subject, keyID: key, issuedAt: issuedAt.map { NumericDate(now.seconds + $0) },
            expiration: NumericDate(now.seconds + 300), tokenID: id)
    }

    private func list(_ revocations: Revocation...) throws -> RevocationList {
        var list = RevocationList()
        for revocation in revocations { try list.add(revocation) }
        return list
    }

    @Test("a token by its jti, and no other; the issuer counts where one is named")
    func tokens() throws {
        let list = try list(
            Revocation(.token(id: ByteKey("t-1")), issuer: Fixture.issuer, date: now),
            Revocation(.token(id: ByteKey("t-2")), date: now))
        #expect(list.rejection(of: principal())?.reason == .tokenRevoked)
        #expect(list.rejection(of: principal(issuer: Fixture.otherIssuer)) == nil)
        #expect(list.rejection(of: principal(issuer: Fixture.otherIssuer, id: "t-2"))?.reason == .tokenRevoked)
        #expect(list.rejection(of: principal(id: "T-1")) == nil && list.rejection(of: principal(id: nil)) == nil)
    }

    @Test(
        "a subject's tokens that were issued before, and those that do not say when",
        arguments: [(-300, true), (-1, true), (0, true), (1, false), (60, false), (nil, true)] as [(Double?, Bool)])
    func subjects(_ issuedAt: Double?, isRevoked: Bool) throws {
        let list = try list(Revocation(.subject(ByteKey("ada")), date: NumericDate(now.seconds + 0.5)))
        #expect((list.rejection(of: principal(issuedAt: issuedAt)) != nil) == isRevoked)
        #expect(list.rejection(of: principal("bob", issuedAt: issuedAt)) == nil)
    }

    @Test("a key's tokens, whenever they were issued")
    func keys() throws {
        let list = try list(Revocation(.key(id: ByteKey("k-1")), issuer: Fixture.issuer, date: now))
        let rejection = list.rejection(of: principal(issuedAt: 1e6))
        #expect(rejection?.reason == .tokenRevoked && rejection?.detail.contains("\"k-1\"") == true)
        #expect(list.rejection(of: principal(key: "k-2")) == nil && list.rejection(of: principal(key: nil)) == nil)
    }

    @Test("names are compared by bytes")
    func bytes() throws {
        let list = try list(Revocation(.subject(ByteKey("caf\u{E9}")), date: now))
        #expect(list.rejection(of: principal("cafe\u{301}", issuedAt: -1)) == nil)
        #expect(list.rejection(of: principal("caf\u{E9}", issuedAt: -1)) != nil)
    }

    @Test("one of the same tokens again is brought up to date, never weaker than before")
    func again() throws {
        let early = NumericDate(now.seconds - 60)
        var list = try list(Revocation(.subject(ByteKey("ada")), date: now, until: NumericDate(now.seconds + 10)))
        try list.add(Revocation(.subject(ByteKey("ada")), date: early, until: NumericDate(now.seconds + 5)))
        #expect(list.count == 1 && list.entries[0].date == now)
        #expect(list.entries[0].until == NumericDate(now.seconds + 10))
        try list.add(Revocation(.subject(ByteKey("ada")), date: early))
        #expect(list.entries[0].until == nil, "for good is longer than any date")
        try list.add(Revocation(.subject(ByteKey("ada")), issuer: "other", date: now))
        #expect(list.count == 2)
    }

    @Test("what no token can be hit by any more is forgotten, and nothing else")
    func prune() throws {
        var list = try list(
            Revocation(.token(id: ByteKey("a")), date: now, until: NumericDate(now.seconds + 10)),
            Revocation(.token(id: ByteKey("b")), date: now, until: NumericDate(now.seconds + 11)),
            Revocation(.key(id: ByteKey("c")), date: now))
        list.prune(now: NumericDate(now.seconds + 9.9))
        #expect(list.count == 3)
        list.prune(now: NumericDate(now.seconds + 10))
        #expect(list.count == 2 && list.entries.map(\.target.value) == ["b", "c"])
        list.prune(now: NumericDate(1e11))
        #expect(list.entries.map(\.target.value) == ["c"])
    }

    @Test("a revocation can be taken back")
    func remove() throws {
        var list = try list(Revocation(.subject(ByteKey("ada")), issuer: "x", date: now))
        let (other, this) = (
            list.remove(.subject(ByteKey("ada")), issuer: nil), list.remove(.subject(ByteKey("ada")), issuer: "x")
        )
        #expect(!other && this && list.count == 0)
        #expect(list.rejection(of: principal(issuer: "x", issuedAt: -1)) == nil)
    }

    @Test("the list holds 10,000; the next is refused with what to do, and none is dropped for it")
    func bound() throws {
        var list = RevocationList()
        for index in 0..<RevocationList.maximumEntries {
            try list.add(Revocation(.token(id: ByteKey("t-\(index)")), date: now))
        }
        let error = #expect(throws: KeyError.self) { try list.add(Revocation(.subject(ByteKey("ada")), date: now)) }
        #expect(error?.code == .tooMany && error?.message.contains("revoke the subject or the key") == true)
        try list.add(Revocation(.token(id: ByteKey("t-1")), date: now))
        #expect(list.count == 10_000 && list.rejection(of: principal(id: "t-0")) != nil)
    }

    @Test(
        "a text of 1,024 bytes can be revoked, a longer or an empty one cannot",
        arguments: [(1024, true), (1025, false), (0, false)])
    func length(_ length: Int, isGood: Bool) {
        var list = RevocationList()
        let text = String(repeating: "x", count: length)
        for revocation in [
            Revocation(.token(id: ByteKey(text)), date: now),
            Revocation(.subject(ByteKey("a")), issuer: text, date: now),
        ] {
            #expect(((try? list.add(revocation)) != nil) == isGood)
        }
    }
}

@Suite("A file of revocations")
struct RevocationFileTests {
    let directory: TemporaryDirectory
    let file: RevocationFile
    let fixture = Fixture()

    init() throws {
        directory = try TemporaryDirectory()
        file = RevocationFile(path: directory.file("revocations.json"))
    }

    private func revoke(_ target: Revocation.Target) throws {
        try file.update(now: fixture.clock.now()) { list throws(KeyError) in
            try list.add(Revocation(target, date: fixture.clock.now()))
        }
    }

    @Test("no file is an empty list; a saved one is private and comes back as it was")
    func roundTrip() throws {
        #expect(try file.load().count == 0)
        let revocations = [
            Revocation(.token(id: ByteKey("t")), issuer: "i", date: NumericDate(1.25), until: NumericDate(1e10)),
            Revocation(.subject(ByteKey("caf\u{E9}")), date: NumericDate(2)),
            Revocation(.key(id: ByteKey("k\"\n")), date: NumericDate(3)),
        ]
        try file.update(now: now) { list throws(KeyError) in for revocation in revocations { try list.add(revocation) }
        }
        #expect(try file.load().entries == revocations)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("a change forgets what is over")
    func pruned() throws {
        try file.update(now: now) { list throws(KeyError) in
            try list.add(Revocation(.token(id: ByteKey("t")), date: now, until: NumericDate(now.seconds + 5)))
        }
        fixture.clock.advance(5)
        try revoke(.subject(ByteKey("ada")))
        #expect(try file.load().entries.map(\.target) == [.subject(ByteKey("ada"))])
    }

    @Test(
        "what is no such list is refused, with what is wrong and what to do",
        arguments: [
            ("{", "damaged"), ("[]", "it is no list of revocations"),
            (#"{"format":"vestibule revocations","version":2,"revocations":[]}"#, "\"version\" is not 1"),
            (#"{"format":"vestibule revocations","version":1}"#, "no array"),
            (#"{"format":"vestibule revocations","version":1,"revocations":[{"date":1}]}"#, "not exactly one of"),
            (
                #"{"format":"vestibule revocations","version":1,"revocations":[{"jti":"a","kid":"b","date":1}]}"#,
                "revocations[0]: not exactly one of"
            ),
            (#"{"format":"vestibule revocations","version":1,"revocations":[{"jti":"a"}]}"#, "\"date\" is not a date"),
            (
                #"{"format":"vestibule revocations","version":1,"revocations":[{"jti":"a","date":1,"issuer":5}]}"#,
                "\"issuer\" is not a string"
            ),
        ])
    func damaged(_ text: String, complaint: String) throws {
        _ = try directory.write(Array(text.utf8), to: "revocations.json")
        let error = #expect(throws: KeyError.self) { try file.load() }
        #expect(error?.code == .corrupted && error?.message.contains(complaint) == true, "\(String(describing: error))")
        #expect(error?.message.contains("restore it from a copy") == true)
        #expect(throws: KeyError.self) { try LiveRevocations(file: file, clock: fixture.clock) }
    }

    @Test("a running server sees a revocation within 100 ms, remembered token or not, and another start does at once")
    func live() throws {
        let counts = Recorded<Int>()
        let live = try LiveRevocations(file: file, clock: fixture.clock) { news in
            if case .changed(let count) = news { counts.append(count) }
        }
        let verifier = try fixture.verifier(cacheSize: 64) { live.rejection(of: $0) }
        let token = try fixture.token()
        #expect(throws: Never.self) { try verifier.verify(token).get() }
        try revoke(.token(id: ByteKey("t-1")))
        fixture.clock.advance(0.099)
        #expect(throws: Never.self) { try verifier.verify(token).get() }
        fixture.clock.advance(0.001)
        let error = #expect(throws: Rejection.self) { try verifier.verify(token).get() }
        #expect(error?.reason == .tokenRevoked && error?.remedy == .signIn)
        #expect(counts.all == [1])
        let anew = try LiveRevocations(file: file, clock: fixture.clock)
        #expect(anew.rejection(of: try fixture.verifier().verify(token).get()) != nil)
    }

    @Test("a file that cannot be looked at is not taken for none")
    func notLookedAt() throws {
        let live = try LiveRevocations(file: file, clock: fixture.clock)
        // A link to itself: as closed to root as to anybody.
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: file.path)
        let attempts: [() throws -> Void] = [
            { _ = try file.load() }, { _ = try LiveRevocations(file: file, clock: fixture.clock) },
            { try revoke(.subject(ByteKey("ada"))) },
        ]
        for attempt in attempts {
            let error = #expect(throws: KeyError.self, performing: attempt)
            #expect(error?.code == .unreadable)
            #expect(error?.message == "cannot look at \(file.path): Too many levels of symbolic links")
        }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == file.path)
        fixture.clock.advance(1)
        #expect(live.current().count == 0 && live.problem?.code == .unreadable)
    }

    enum Damage: CaseIterable { case missing, garbage, mode }

    @Test(
        "a file that turns bad or goes leaves what was revoked revoked, and is told of once", arguments: Damage.allCases
    )
    func damage(_ damage: Damage) throws {
        try revoke(.subject(ByteKey("ada")))
        let problems = Recorded<KeyError>()
        let live = try LiveRevocations(file: file, clock: fixture.clock) { news in
            if case .problem(let error) = news { problems.append(error) }
        }
        switch damage {
        case .missing: try FileManager.default.removeItem(atPath: file.path)
        case .garbage: _ = try directory.write(Array("{".utf8), to: "revocations.json")
        case .mode: try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        }
        let code: KeyError.Code? = [.missing: .missingFile, .garbage: .corrupted, .mode: .insecurePermissions][damage]
        for _ in 0..<3 {
            fixture.clock.advance(1)
            #expect(live.current().count == 1 && live.problem?.code == code)
        }
        #expect(problems.all.map(\.code) == [code])
        try? FileManager.default.removeItem(atPath: file.path)
        try revoke(.subject(ByteKey("bob")))
        fixture.clock.advance(1)
        #expect(live.current().entries.map(\.target.value) == ["bob"])
        #expect(live.problem == nil)
    }
}
