internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List, add, rotate and retire the signing keys of the data directory.",
        discussion: """
            Example: vestibule keys rotate --overlap 10m

            A key is `next` (published, so that everybody knows it in time), then `active` (it signs), then `verifying` \
            for the overlap, then `retired`: kept only to say of a token which key signed it. A running server follows \
            within a tenth of a second.
            """,
        subcommands: [List.self, Add.self, Rotate.self, Retire.self, Fingerprint.self, JWKS.self, Export.self])

    struct List: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys with their states and fingerprints.", discussion: "Example: vestibule keys list")

        @OptionGroup var options: DataOptions
        @Flag(help: "Print JSON.") var json = false

        func run(in context: CommandContext) async throws {
            let configuration = try options.configuration()
            let data = options.dataDirectory(in: context, configuration: configuration)
            var ring = try data.loadKeyRing()
            let now = context.clock.now()
            ring.settle(now: now)
            let due = configuration.keys.schedule.flatMap { $0.due(ring, at: now) }
            if json {
                let keys = ring.keys.map { key in
                    var object = key.json
                    object["age_seconds"] = .integer(Int(exactly: (now - key.began).rounded(.down)) ?? 0)
                    if key.state.signs { object["rotation_due"] = due.map { .string($0.description) } }
                    return JSONValue.object(object)
                }
                return context.output.line(JSONValue.array(keys).description)
            }
            let rows = ring.keys.map { key in
                [
                    key.kid, key.algorithm.rawValue, key.state.words, key.createdAt.description,
                    AgeText.format(now - key.began), key.fingerprint,
                ]
            }
            context.output.write(
                TextTable.text(headings: ["KID", "ALGORITHM", "STATE", "CREATED", "AGE", "FINGERPRINT"], rows: rows))
            if let due, let active = ring.active {
                let rest = "\(due)" + (due <= now ? ", which is past; a running server rotates by itself" : "")
                context.talk.line("\(active.kid) is due to be replaced at \(rest)")
            }
        }
    }

    struct Add: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a key that does not sign yet, so that verifiers can learn it first.",
            discussion: """
                Example: vestibule keys add --algorithm EdDSA
                         vestibule keys add --kid shared --secret-file secret.txt --algorithm HS512
                         vestibule keys add --from key.pem --kid web-2026

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
        @Option(
            help: ArgumentHelp(
                "A file that holds a key, in place of a new one: a JWK, or PEM (PKCS #8, SEC 1, or a public key).",
                valueName: "file"))
        var from: String?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            if from != nil, secretFile != nil || algorithm != nil {
                throw ValidationError(
                    "--from: the key itself says what it is for; leave --algorithm and --secret-file out")
            }
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
            if let from { key = try Self.read(from, kid: kid, now: now) }
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

        /// A private key that others can read is no secret any more, so it is refused; a public one is everybody's.
        private static func read(_ path: String, kid: String?, now: NumericDate) throws -> RingKey {
            let file = try TextFile.contents(of: path, maximumSize: 64 << 10, what: "key")
            let key: RingKey
            do {
                key = try RingKey(imported: file.bytes, kid: kid, createdAt: now)
            } catch {
                throw CommandFailure.couldNotRun("\(path): \(error.message)")
            }
            guard !file.isReadableByOthers || !key.canSign else {
                throw CommandFailure.couldNotRun(
                    "\(path) holds a private key that others than its owner can read; run: chmod 600 \(path)")
            }
            return key
        }
    }

    struct Export: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a key as a JWK or in PEM, by default its public half alone.",
            discussion: """
                Example: vestibule keys export es256-9c1d3f2a --pem
                         vestibule keys export es256-9c1d3f2a --private > key.jwk

                With --private whoever reads the output can sign tokens.
                """)

        @OptionGroup var options: DataOptions
        @Argument(help: "The key's id; by default the active one.") var kid: String?
        @Flag(help: "PEM in place of a JWK.") var pem = false
        @Flag(name: .customLong("private"), help: "With the private half, or the secret.") var includesPrivate = false

        func run(in context: CommandContext) async throws {
            let ring = try options.dataDirectory(in: context).loadKeyRing()
            let key = try ring.key(kid, now: context.clock.now())
            let text =
                pem
                ? key.pem(includesPrivate: includesPrivate)
                : key.jwk(includesPrivate: includesPrivate).map { PrettyJSON.text(of: $0) + "\n" }
            guard let text else {
                let what = includesPrivate ? "private half here" : "public half"
                let why =
                    key.algorithm.isSymmetric ? "it is a secret; print it with --private as a JWK" : "it cannot sign"
                throw CommandFailure.couldNotRun("key \(key.kid.quoted) has no \(what) in that form: \(why)")
            }
            context.output.write(text)
        }
    }

    struct Rotate: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish the next key and sign with it once everybody has seen it.",
            discussion: """
                Example: vestibule keys rotate --overlap 10m
                         vestibule keys rotate --now           at once, and the old key is retired at once

                The successor is the oldest `next` key or, without one, a new key of the same algorithm. It signs when it \
                has been published for as long as readers may go by the key set that they have (keys.jwksLifetime, \
                default 5m); a secret, which nobody reads there, after a second. The old key signs until then, and \
                verifies for the overlap from then on.
                """)

        @OptionGroup var options: DataOptions
        @Option(
            help: ArgumentHelp(
                "How long the old key goes on verifying once it signs no more (default: 10m; none with --now).",
                valueName: "duration"), transform: DurationArgument.read)
        var overlap: DurationArgument?
        @Flag(help: "Sign with the new key at once and, unless --overlap says otherwise, retire the old one at once.")
        var now = false
        @Option(help: "Rotate to a new key of this algorithm.") var algorithm: AlgorithmArgument?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            if let overlap, !(.zero ... .seconds(3650 * 86_400)).contains(overlap.duration) {
                throw ValidationError("--overlap: expected at most 3650d, found \(overlap)")
            }
        }

        func run(in context: CommandContext) async throws {
            let configuration = try options.configuration()
            let data = options.dataDirectory(in: context, configuration: configuration)
            let overlap = self.overlap?.duration ?? (now ? .zero : configuration.keys.overlap)
            // The server that runs on the data directory knows best for how long its readers go by what they have.
            let lifetime =
                options.config == nil ? data.jwksLifetime() ?? KeyRing.defaultLifetime : configuration.keys.jwksLifetime
            let date = context.clock.now()
            let successor = algorithm.map { RingKey.generate($0.algorithm, createdAt: date) }
            try data.requireKeyRing()
            try data.prepare()
            let (key, old) = try data.keyRing.update { (ring: inout KeyRing) throws(KeyError) in
                ring.settle(now: date)
                let old = ring.active
                let key = try ring.rotate(
                    to: successor, overlap: overlap, publishedFor: now ? nil : lifetime, now: date)
                return (key, old.flatMap { ring.held($0) })
            }
            context.report(key, json: json, Self.line(key, old: old, now: date))
        }

        private static func line(_ key: RingKey, old: RingKey?, now: NumericDate) -> String {
            let fate = old.map { old in
                switch old.state {
                case .leaving(let date, let until) where until == date: "; \(old.kid) signs until then and is retired"
                case .leaving(_, let until): "; \(old.kid) signs until then and verifies until \(until)"
                case .verifying(let until): "; \(old.kid) verifies until \(until)"
                default: "; \(old.kid) is retired"
                }
            }
            guard case .scheduled(let date) = key.state else { return "now signing with \(key.line)\(fate ?? "")" }
            let wait = DurationText.format(.seconds((date - now).rounded()))
            let who = key.algorithm.isSymmetric ? "every server on this data directory" : "every reader of the key set"
            return
                "from \(date) on signing with \(key.kid) (\(key.algorithm.rawValue), fingerprint \(key.fingerprint)), "
                + "in \(wait), when \(who) has seen it\(fate ?? "")"
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
        @Flag(help: "Print the whole thumbprint of public keys (RFC 7638, SHA-256, base64url).") var thumbprint = false
        @Flag(help: "Print JSON.") var json = false

        func run(in context: CommandContext) async throws {
            if let secretFile {
                let file = SharedSecretFile(
                    kid: kid ?? "secret", path: secretFile, state: .next, allowShortSecret: true)
                let loaded = try file.load(createdAt: context.clock.now())
                for warning in loaded.warnings { context.talk.line("vestibule: warning: \(warning)") }
                try show([loaded.key], in: context)
                return
            }
            let ring = try options.dataDirectory(in: context).loadKeyRing()
            guard let kid else {
                guard let active = ring.active(at: context.clock.now()) else {
                    throw CommandFailure.couldNotRun("the ring has no active key; run `vestibule keys add`")
                }
                return try show([active], in: context)
            }
            let keys = ring.keys(kid: kid)
            guard !keys.isEmpty else {
                let known = ring.keys.map(\.kid).joined(separator: ", ")
                throw CommandFailure.couldNotRun("the ring holds no key \(kid.quoted); it holds \(known)")
            }
            try show(keys, in: context)
        }

        private func show(_ keys: [RingKey], in context: CommandContext) throws {
            if json {
                return context.output.line(JSONValue.array(keys.map { .object($0.json) }).description)
            }
            for key in keys {
                guard let text = thumbprint ? key.thumbprint : key.fingerprint else {
                    throw CommandFailure.couldNotRun(
                        "key \(key.kid.quoted) is a secret, which has no thumbprint; compare fingerprints")
                }
                context.output.line(text)
            }
        }
    }

    struct JWKS: VestibuleCommand {
        static let configuration = CommandConfiguration(
            commandName: "jwks", abstract: "Print the public keys as a JSON Web Key Set (RFC 7517).",
            discussion: "Example: vestibule keys jwks > jwks.json")

        @OptionGroup var options: DataOptions

        func run(in context: CommandContext) async throws {
            var ring = try options.dataDirectory(in: context).loadKeyRing()
            ring.settle(now: context.clock.now())
            context.output.line(PrettyJSON.text(of: ring.jwks))
        }
    }
}

extension CommandContext {
    fileprivate func report(_ key: RingKey, json: Bool, _ line: String) {
        if json { output.line(JSONValue.object(key.json).description) } else { talk.line(line) }
    }
}

extension RingKey {
    /// The key for a person; a fresh ring says `active` where the caller knows it.
    fileprivate var line: String { "\(kid) (\(algorithm.rawValue), \(state.words), fingerprint \(fingerprint))" }

    /// From when its age counts: for one that signs, or has, from when it began to.
    fileprivate var began: NumericDate { state.isNext ? createdAt : signsSince }

    var json: JSONObject {
        var object: JSONObject = [
            "kid": .string(kid), "algorithm": .string(algorithm.rawValue), "state": .string(state.name),
            "created": .string(createdAt.description), "fingerprint": .string(fingerprint),
        ]
        object["thumbprint"] = thumbprint.map(JSONValue.string)
        object["active_since"] = activeSince.map { .string($0.description) }
        switch state {
        case .scheduled(let date): object["active_from"] = .string(date.description)
        case .leaving(let date, let until):
            object["active_until"] = .string(date.description)
            object["until"] = .string(until.description)
        case .verifying(let until): object["until"] = .string(until.description)
        case .retired(let date): object["retired"] = .string(date.description)
        case .next, .active: break
        }
        return object
    }
}

/// How old something is, to the two greatest units: `41d 3h`, `5m 7s`.
enum AgeText {
    static func format(_ seconds: Double) -> String {
        guard seconds >= 1, let whole = Int(exactly: seconds.rounded(.down)) else { return "0s" }
        var rest = whole
        var parts: [String] = []
        for (suffix, size) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] where rest >= size || !parts.isEmpty {
            if rest >= size { parts.append("\(rest / size)\(suffix)") } else { break }
            rest %= size
        }
        return parts.prefix(2).joined(separator: " ")
    }
}

extension KeyRing {
    /// The key of that name, or the active one.
    fileprivate func key(_ kid: String?, now: NumericDate) throws(CommandFailure) -> RingKey {
        guard let kid else {
            guard let active = active(at: now) else {
                throw .couldNotRun("the ring has no active key; run `vestibule keys add`")
            }
            return active
        }
        guard let key = self[kid: kid] else {
            let known = keys.map(\.kid).joined(separator: ", ")
            throw .couldNotRun("the ring holds no key \(kid.quoted); it holds \(known)")
        }
        return key
    }
}

extension KeyState {
    var words: String {
        switch self {
        case .next, .active: name
        case .scheduled(let date): "\(name), signs from \(date)"
        case .leaving(let date, _): "\(name) until \(date)"
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
