public import VestibuleProtocol

/// A file with the public keys of an issuer, as a JSON Web Key Set (RFC 7517 §5).
///
/// Everybody may read it, since nothing in it is secret; only its owner may write it, since whoever writes it says whose
/// tokens are good.
public struct PublishedKeyFile: Sendable {
    public var path: String
    /// Those that the issuer may use, as in ``KeyRing/init(published:createdAt:algorithms:)``.
    public var algorithms: Set<SignatureAlgorithm>?

    public init(path: String, algorithms: Set<SignatureAlgorithm>? = nil) {
        self.path = path
        self.algorithms = algorithms
    }

    private var file: PrivateFile {
        var file = PrivateFile(path: path, maximumSize: IssuerDocument.maximumSize)
        file.isSecret = false
        return file
    }

    /// The keys that the file holds.
    ///
    /// - Throws: ``KeyError`` where it cannot be read, others may write it, or it holds no usable key set.
    public func load(now: NumericDate) throws(KeyError) -> KeyRing { try read(now: now).ring }

    /// The file's stamp, or `nil` where it cannot be looked at: reading it then says why.
    func stamp() -> PrivateFile.Stamp? { try? file.stamp() }

    func read(now: NumericDate) throws(KeyError) -> (ring: KeyRing, stamp: PrivateFile.Stamp) {
        let (bytes, stamp) = try file.read()
        let json: JSONValue
        do {
            let limits = JSONLimits(maximumSize: IssuerDocument.maximumSize, duplicates: .refuse)
            json = try JSONParser(limits: limits).parse(bytes)
        } catch {
            throw KeyError(.corrupted, "\(path) is not acceptable JSON: \(error)")
        }
        do throws(KeyError) {
            return (try KeyRing(published: json, createdAt: now, algorithms: algorithms), stamp)
        } catch {
            throw KeyError(error.code, "\(path): \(error.message)")
        }
    }
}

/// The file of a published key set, with the keys that it held before.
struct PublishedKeySource: KeySource {
    let file: PublishedKeyFile
    private var ring: KeyRing
    private var stamp: PrivateFile.Stamp?
    private(set) var problem: KeyError?

    init(file: PublishedKeyFile, ring: KeyRing, stamp: PrivateFile.Stamp) {
        self.file = file
        self.ring = ring
        self.stamp = stamp
    }

    mutating func look(now: NumericDate) -> (ring: KeyRing?, warnings: [String]) {
        let stamp = file.stamp()
        guard stamp == nil || stamp != self.stamp else { return (nil, []) }
        self.stamp = stamp
        do throws(KeyError) {
            let read = try file.read(now: now)
            self.stamp = read.stamp
            problem = nil
            let merged = ring.replaced(by: read.ring, at: now)
            guard !merged.hasSameKeys(as: ring) else { return (nil, []) }
            ring = merged
            return (merged, [])
        } catch {
            problem = error
            if error.code == .unreadable { self.stamp = nil }
            return (nil, [])
        }
    }
}

extension LiveKeyRing {
    /// Follows a file with the public keys of an issuer. A key that is in it no more is remembered as retired.
    ///
    /// - Parameter observer: Told of what is found later, on the task of whoever asked for a key; must not block.
    /// - Throws: ``KeyError`` where the file holds no usable keys to begin with.
    public convenience init(
        published file: PublishedKeyFile, clock: any WallClock, observer: @escaping @Sendable (News) -> Void = { _ in }
    ) throws(KeyError) {
        let (ring, stamp) = try file.read(now: clock.now())
        self.init(
            PublishedKeySource(file: file, ring: ring, stamp: stamp), ring: ring, warnings: [], clock: clock,
            observer: observer)
    }
}
