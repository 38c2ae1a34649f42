internal import VestibuleProtocol

/// Buckets to look around in: text, tables, pictures and bytes of an imaginary small bakery and its weather station.
///
/// The same objects with the same contents and times come out every time. Some keys are awkward on purpose: capitals,
/// spaces, percent signs, other scripts, an empty segment, and a page whose name is a script in disguise.
public enum SampleBuckets {
    /// What the sample user may use.
    public static let readable = ["demo-bucket", "research-data"]
    /// What is there, and is not for the sample user.
    public static let forbidden = "payroll"

    /// Makes the buckets below a folder and fills them. Objects of the same keys are replaced; others are left alone.
    ///
    /// - Parameter root: Made where it is missing; the directory above it must be there.
    /// - Throws: ``BucketStoreError`` where the disk does not take them.
    public static func create(in root: String) throws {
        let folder = Folder(root: root)
        for (bucket, objects) in [
            ("demo-bucket", demo), ("research-data", research), (forbidden, payroll),
        ] {
            try folder.createBucket(bucket)
            for (index, object) in objects.enumerated() {
                // One object an hour from 2026-01-05T08:00:00Z on.
                _ = try folder.put(
                    NewObject(key: object.key, bytes: object.bytes, metadata: object.metadata), in: bucket,
                    modified: 1_767_600_000 + index * 3600, isDurable: false)
            }
        }
    }

    struct Sample {
        var key: String
        var bytes: [UInt8]
        var metadata: [String: String] = [:]

        init(_ key: String, _ text: String, _ metadata: [String: String] = [:]) {
            self.init(key, bytes: Array(text.utf8), metadata)
        }

        init(_ key: String, bytes: [UInt8], _ metadata: [String: String] = [:]) {
            self.key = key
            self.bytes = bytes
            self.metadata = metadata
        }
    }

    static var payroll: [Sample] {
        [
            Sample(
                "2026/01/salaries.csv",
                "employee,role,monthly_eur\n1,baker,3100\n2,apprentice,1400\n3,driver,2600\n"),
            Sample("README.md", "# Payroll\n\nIf you can read this through the sample user, the gate is broken.\n"),
        ]
    }
}
