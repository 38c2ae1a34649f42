internal import VestibuleProtocol

/// Files that keys come from, as they were last seen.
protocol KeySource: Sendable {
    /// Why a file as it stands could not be used.
    var problem: KeyError? { get }

    /// Looks at the files again.
    ///
    /// - Returns: the ring where it has changed, with what an operator should look at.
    mutating func look(now: NumericDate) -> (ring: KeyRing?, warnings: [String])
}

/// Nothing that could change by itself.
struct NoFile: KeySource {
    var problem: KeyError? { nil }

    mutating func look(now: NumericDate) -> (ring: KeyRing?, warnings: [String]) { (nil, []) }
}

/// The file of a whole ring.
struct KeyRingSource: KeySource {
    let file: KeyRingFile
    private var stamp: PrivateFile.Stamp?
    private(set) var problem: KeyError?

    init(file: KeyRingFile, stamp: PrivateFile.Stamp) {
        self.file = file
        self.stamp = stamp
    }

    mutating func look(now: NumericDate) -> (ring: KeyRing?, warnings: [String]) {
        // What cannot be looked at cannot be read either, which says why.
        let stamp = try? file.file.stamp()
        guard stamp == nil || stamp != self.stamp else { return (nil, []) }
        self.stamp = stamp
        do throws(KeyError) {
            let read = try file.read()
            self.stamp = read.stamp
            problem = nil
            return (read.ring, [])
        } catch {
            problem = error
            // What the file holds stays wrong until it changes; why it could not be read may pass without a change.
            if error.code == .unreadable { self.stamp = nil }
            return (nil, [])
        }
    }
}

/// Files of shared secrets, with the secrets that they held before.
struct SecretsSource: KeySource {
    private struct Entry {
        let file: SharedSecretFile
        var key: RingKey
        var stamp: PrivateFile.Stamp?
        var problem: KeyError?
    }

    private var entries: [Entry]
    /// Secrets that were replaced, the latest last.
    private var former: [RingKey] = []
    /// Why the secrets, though each is good, make no ring.
    private var conflict: KeyError?

    var problem: KeyError? { entries.lazy.compactMap(\.problem).first ?? conflict }

    static func load(
        _ files: [SharedSecretFile], now: NumericDate
    ) throws(KeyError) -> (source: SecretsSource, warnings: [String]) {
        var entries: [Entry] = []
        var warnings: [String] = []
        for file in files {
            let (loaded, stamp) = try file.read(createdAt: now)
            entries.append(Entry(file: file, key: loaded.key, stamp: stamp))
            warnings += loaded.warnings
        }
        return (SecretsSource(entries: entries), warnings)
    }

    private init(entries: [Entry]) {
        self.entries = entries
    }

    func ring() throws(KeyError) -> KeyRing {
        let keys = entries.map(\.key)
        // A former secret that a file holds again, or another file now, is whatever that file says.
        let forgotten = former.filter { key in !keys.contains { $0.isSameKey(as: key) } }
        return try KeyRing(keys + forgotten)
    }

    mutating func look(now: NumericDate) -> (ring: KeyRing?, warnings: [String]) {
        var warnings: [String] = []
        var isChanged = false
        for index in entries.indices {
            isChanged = look(at: index, now: now, warnings: &warnings) || isChanged
        }
        guard isChanged else { return (nil, warnings) }
        do throws(KeyError) {
            let ring = try ring()
            conflict = nil
            return (ring, warnings)
        } catch {
            // Perhaps one secret is on its way from one file to another: the next change may settle it.
            conflict = error
            return (nil, warnings)
        }
    }

    /// - Returns: whether the file's secret is another one.
    private mutating func look(at index: Int, now: NumericDate, warnings: inout [String]) -> Bool {
        let entry = entries[index]
        let stamp = try? entry.file.file.stamp()
        guard stamp == nil || stamp != entry.stamp else { return false }
        entries[index].stamp = stamp
        do throws(KeyError) {
            let (loaded, stamp) = try entry.file.read(createdAt: now)
            entries[index].stamp = stamp
            entries[index].problem = nil
            guard !loaded.key.isSameKey(as: entry.key) else { return false }
            remember(entry.key, now: now)
            entries[index].key = loaded.key
            warnings += loaded.warnings
            return true
        } catch {
            entries[index].problem = error
            if error.code == .unreadable { entries[index].stamp = nil }
            return false
        }
    }

    private mutating func remember(_ key: RingKey, now: NumericDate) {
        var key = key
        if !key.state.settled(at: now).isRetired { key.state = .retired(at: now) }
        former.removeAll { $0.isSameKey(as: key) }
        former.append(key)
        if former.count > KeyRing.maximumRetiredKeys { former.removeFirst() }
    }
}
