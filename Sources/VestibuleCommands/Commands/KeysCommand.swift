internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List, add, rotate and retire the signing keys of the data directory.",
        discussion: """
            Example: vestibule keys rotate --overlap 10m

            A key is `next`, then `active` (it signs), then `verifying` for the overlap, then `retired`: kept only to \
            say of a token which key signed it. A running server follows within a tenth of a second.
            """,
        subcommands: [List.self, Add.self, Rotate.self, Retire.self, Fingerprint.self, JWKS.self])

    struct List: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys with their states and fingerprints.", discussion: "Example: vestibule keys list")

        @OptionGroup var options: DataOptions
        @Flag(help: "Print JSON.") var json = false

        func run(in context: CommandContext) async throws {
            var ring = try options.dataDirectory(in: context).loadKeyRing()
            ring.settle(now: context.clock.now())
            if json {
                context.output.line(JSONValue.array(ring.keys.map(\.json)).description)
            } else {
                let rows = ring.keys.map { key in
                    [key.kid, key.algorithm.rawValue, key.state.words, key.createdAt.description, key.fingerprint]
                }
                context.output.write(
                    TextTable.text(headings: ["KID", "ALGORITHM", "STATE", "CREATED", "FINGERPRINT"], rows: rows))
            }
        }
    }

    struct Add: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a key that does not sign yet, so that verifiers can learn it first.",
            discussion: """
                Example: vestibule keys add --algorithm EdDSA
                         vestibule keys add --kid shared --secret-file secret.txt --algorithm HS512

                The first key of a ring is active at once; any other waits as `next` for `vestibule keys rotate`.
                """)

        @OptionGroup var options: DataOptions
        @Option(
            help: "ES256, ES384, ES512, EdDSA, HS256, HS384 or HS512 (default: ES256; HS256 for a secret).",
            completion: .list(AlgorithmArgument.allValueStrings))
        var algorithm: AlgorithmArgument?
        @Option(help: ArgumentHelp("The key's id; by default made of its fingerprint.", valueName: "kid"))
        var kid: String?
        @Option(help: ArgumentHelp("A file that holds an HMAC secret, in place of a new key.", valueName: "file"))
        var secretFile: String?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            if secretFile != nil, kid == nil { throw ValidationError("--secret-file needs --kid, the secret's name") }
            if secretFile != nil, let algorithm, algorithm.hmac == nil {
                throw ValidationError("--secret-file holds a secret, which is for HS256, HS384 or HS512 only")
            }
            if let kid, kid.isEmpty || kid != kid.onOneLine {
                throw ValidationError("--kid: expected a name such as web-2026, found \(kid.quoted)")
            }
        }

        func run(in context: CommandContext) async throws {
            let data = try options.dataDirectory(in: context)
            let now = context.clock.now()
            var key = RingKey.generate(algorithm?.algorithm ?? .es256, kid: kid, createdAt: now)
            if let secretFile, let kid {
                let file = SharedSecretFile(
                    kid: kid, path: secretFile, algorithm: algorithm?.hmac ?? .hs256, state: .next)
                let loaded = try file.load(createdAt: now)
                for warning in loaded.warnings { context.talk.line("vestibule: warning: \(warning)") }
                key = loaded.key
            }
            try data.prepare()
            let added = key
            _ = try data.keyRing.loadOrCreate { () throws(KeyError) in KeyRing() }
            let ring = try data.keyRing.update { (ring: inout KeyRing) throws(KeyError) in
                if ring.keys.isEmpty {
                    try ring.rotate(to: added, overlap: .zero, now: now)
                } else {
                    try ring.add(added)
                }
                return ring
            }
            guard let held = ring.keys.last else { return }
            context.report(held, json: json, "added \(held.line)")
        }
    }

    struct Rotate: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign with another key from now on; the old one still verifies for the overlap.",
            discussion: """
                Example: vestibule keys rotate --overlap 10m
                         vestibule keys rotate --now           retires the old key at once

                The successor is the oldest `next` key or, without one, a new key of the same algorithm.
                """)

        @OptionGroup var options: DataOptions
        @Option(
            help: ArgumentHelp("How long the old key goes on verifying (default: 10m).", valueName: "duration"),
            transform: DurationArgument.read)
        var overlap: DurationArgument?
        @Flag(help: "No overlap: tokens of the old key are refused at once.") var now = false
        @Option(help: "Rotate to a new key of this algorithm.") var algorithm: AlgorithmArgument?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            if now, let overlap, overlap.duration > .zero {
                throw ValidationError("--now means no overlap; give one of --now and --overlap")
            }
            if let overlap, !(.zero ... .seconds(3650 * 86_400)).contains(overlap.duration) {
                throw ValidationError("--overlap: expected at most 3650d, found \(overlap)")
            }
        }

        func run(in context: CommandContext) async throws {
            let data = try options.dataDirectory(in: context)
            let overlap = now ? .zero : self.overlap?.duration ?? .seconds(600)
            let date = context.clock.now()
            let successor = algorithm.map { RingKey.generate($0.algorithm, createdAt: date) }
            try data.requireKeyRing()
            try data.prepare()
            let (key, old) = try data.keyRing.update { (ring: inout KeyRing) throws(KeyError) in
                ring.settle(now: date)
                let old = ring.active
                let key = try ring.rotate(to: successor, overlap: overlap, now: date)
                return (key, old)
            }
            let fate = overlap > .zero ? "verifies until \(date + overlap)" : "is retired"
            context.report(
                key, json: json, "now signing with \(key.line)" + (old.map { "; \($0.kid) \(fate)" } ?? ""))
        }
    }

    struct Retire: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse the tokens of a key from now on, by name.",
            discussion: "Example: vestibule keys retire es256-9c1d3f2a")

        @OptionGroup var options: DataOptions
        @Argument(help: "The key's id.") var kid: String

        func run(in context: CommandContext) async throws {
            let data = try options.dataDirectory(in: context)
            let date = context.clock.now()
            try data.requireKeyRing()
            try data.prepare()
            try data.keyRing.update { (ring: inout KeyRing) throws(KeyError) in
                ring.settle(now: date)
                try ring.retire(kid: kid, now: date)
            }
            context.talk.line("retired \(kid); its tokens are refused from now on")
        }
    }

    struct Fingerprint: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a key's fingerprint, to compare two ends without showing the key.",
            discussion: """
                Example: vestibule keys fingerprint
                         vestibule keys fingerprint --secret-file secret.txt
                """)

        @OptionGroup var options: DataOptions
        @Argument(help: "The key's id; by default the active one.") var kid: String?
        @Option(help: ArgumentHelp("Print that of the HMAC secret in a file.", valueName: "file"))
        var secretFile: String?
        @Flag(help: "Print JSON.") var json = false

        func run(in context: CommandContext) async throws {
            if let secretFile {
                let file = SharedSecretFile(
                    kid: kid ?? "secret", path: secretFile, state: .next, allowShortSecret: true)
                let loaded = try file.load(createdAt: context.clock.now())
                for warning in loaded.warnings { context.talk.line("vestibule: warning: \(warning)") }
                show([loaded.key], in: context)
                return
            }
            let ring = try options.dataDirectory(in: context).loadKeyRing()
            guard let kid else {
                guard let active = ring.active else {
                    throw CommandFailure.couldNotRun("the ring has no active key; run `vestibule keys add`")
                }
                return show([active], in: context)
            }
            let keys = ring.keys(kid: kid)
            guard !keys.isEmpty else {
                let known = ring.keys.map(\.kid).joined(separator: ", ")
                throw CommandFailure.couldNotRun("the ring holds no key \(kid.quoted); it holds \(known)")
            }
            show(keys, in: context)
        }

        private func show(_ keys: [RingKey], in context: CommandContext) {
            if json {
                context.output.line(JSONValue.array(keys.map(\.json)).description)
            } else {
                for key in keys { context.output.line(key.fingerprint) }
            }
        }
    }

    struct JWKS: VestibuleCommand {
        static let configuration = CommandConfiguration(
            commandName: "jwks", abstract: "Print the public keys as a JSON Web Key Set (RFC 7517).",
            discussion: "Example: vestibule keys jwks > jwks.json")

        @OptionGroup var options: DataOptions

        func run(in context: CommandContext) async throws {
            let ring = try options.dataDirectory(in: context).loadKeyRing()
            context.output.line(PrettyJSON.text(of: ring.jwks))
        }
    }
}

extension CommandContext {
    fileprivate func report(_ key: RingKey, json: Bool, _ line: String) {
        if json { output.line(key.json.description) } else { talk.line(line) }
    }
}

extension RingKey {
    /// The key for a person; a fresh ring says `active` where the caller knows it.
    fileprivate var line: String { "\(kid) (\(algorithm.rawValue), \(state.words), fingerprint \(fingerprint))" }

    var json: JSONValue {
        var object: JSONObject = [
            "kid": .string(kid), "algorithm": .string(algorithm.rawValue), "state": .string(state.name),
            "created": .string(createdAt.description), "fingerprint": .string(fingerprint),
        ]
        switch state {
        case .verifying(let until): object["until"] = .string(until.description)
        case .retired(let date): object["retired"] = .string(date.description)
        case .next, .active: break
        }
        return .object(object)
    }
}

extension KeyState {
    var words: String {
        switch self {
        case .next, .active: name
        case .verifying(let until): "\(name) until \(until)"
        case .retired(let date): "\(name) \(date)"
        }
    }
}

extension DataDirectory {
    func loadKeyRing() throws(CommandFailure) -> KeyRing {
        try requireKeyRing()
        do {
            return try keyRing.load()
        } catch {
            throw .couldNotRun(error.message)
        }
    }

    /// - Throws: ``CommandFailure`` that says how to make a ring, where there is none yet.
    func requireKeyRing() throws(CommandFailure) {
        guard !FilePath.exists(keyRing.path) else { return }
        throw .couldNotRun(
            "no key ring in \(path); run `vestibule serve` or `vestibule keys add` with the same data directory, or "
                + "name another with --data")
    }
}
