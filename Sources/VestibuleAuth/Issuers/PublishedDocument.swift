internal import Synchronization
package import VestibuleProtocol

/// A document that somebody else publishes, fetched once however many want it, and kept.
package final class PublishedDocument<Value: Sendable, Failure: Error>: Sendable {
    package typealias Held = DocumentCache<Value, Failure>.Held

    private let cache = Mutex(DocumentCache<Value, Failure>())
    private let flight = SingleFlight<Held>()
    private let clock: any WallClock
    private let load: @Sendable () async throws -> (Value, maximumAge: Double?)

    /// - Parameter load: Throws a `Failure`, which is remembered, or anything else, which is not.
    package init(
        clock: any WallClock, failures: Failure.Type = Failure.self,
        load: @escaping @Sendable () async throws -> (Value, maximumAge: Double?)
    ) {
        self.clock = clock
        self.load = load
    }

    /// - Parameter generation: Of the document that turned out not to be enough: a newer one is wanted, if the last
    ///   such wish was long enough ago.
    /// - Throws: a `Failure`, or `CancellationError`.
    package func current(beyond generation: Int? = nil) async throws -> Held {
        if let settled = settled(beyond: generation) { return try settled.get() }
        return try await flight.value(unless: { try? self.settled(beyond: generation)?.get() }) { [self] in
            cache.withLock { $0.begin(at: clock.now(), beyond: generation) }
            do {
                let (value, age) = try await load()
                return cache.withLock { $0.store(value, maximumAge: age, at: clock.now()) }
            } catch let error as Failure {
                return try cache.withLock { $0.fail(error, at: clock.now()) }.get()
            }
        }
    }

    private func settled(beyond generation: Int?) -> Result<Held, Failure>? {
        cache.withLock { $0.settled(at: clock.now(), beyond: generation) }
    }
}
