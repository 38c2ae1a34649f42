internal import VestibuleBuckets

/// What `serve` says once it listens: where it is, and what to try.
struct Welcome: Sendable {
    /// Rights of the sample user: enough to read, nothing to write.
    static let samplePermissions = ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject"]
    static let sampleUser = "ada"

    var executable: String
    var url: String
    var data: DataDirectory
    /// The configuration file, where one was named: it may say whose tokens they are.
    var config: String?
    /// The URL of the front page, where there is one.
    var frontPage: String?
    var createdKeys: Bool
    /// Whether the sample buckets are served to tokens of the data directory's own keys.
    var offersSample: Bool

    func lines() -> [String] {
        var lines = ["Vestibule \(VestibuleVersion.text) listens at \(url)"]
        lines.append("  data in \(data.path)\(createdKeys ? " (a signing key was created)" : ""); Ctrl-C ends it")
        if let frontPage { lines.append("  in a browser: \(frontPage)") }
        guard offersSample, let bucket = SampleBuckets.readable.first else {
            return lines + ["", "Try in another terminal:", "  \(ShellText.command([executable, "tools", url]))"]
        }
        let commands = sampleCommands(bucket: bucket)
        let titles = [
            "a token for \(Self.sampleUser), and the tools that it opens",
            "the objects of a bucket that \(Self.sampleUser) may read",
            "a bucket that \(Self.sampleUser) may not read: refused, with the reason",
        ]
        lines += ["", "Try in another terminal, in this directory:"]
        for (index, (title, command)) in zip(titles, commands).enumerated() {
            lines += ["", "  \(index + 1). \(title)", "  \(command)"]
        }
        return lines + [""]
    }

    /// Three lines for a shell. They need nothing but this data directory; the token is good for an hour.
    func sampleCommands(bucket: String) -> [String] {
        let file = "\(data.path)/\(Self.sampleUser).token"
        var mint = [executable, "token", "mint", "--data", data.path]
        if let config { mint += ["--config", config] }
        mint += ["--subject", Self.sampleUser]
        for bucket in SampleBuckets.readable { mint += ["--bucket", bucket] }
        for permission in Self.samplePermissions { mint += ["--permission", permission] }
        mint += ["--ttl", "1h"]
        let tools = [executable, "tools", url, "--token-file", file]
        func list(_ bucket: String) -> String {
            ShellText.command([
                executable, "call", url, "bucket_objects_list", "--arg", "bucket=\(bucket)", "--token-file", file,
            ])
        }
        return [
            "\(ShellText.command(mint)) > \(ShellText.quote(file)) && \(ShellText.command(tools))",
            list(bucket), list(SampleBuckets.forbidden),
        ]
    }
}
