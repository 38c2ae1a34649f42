internal import Synchronization

/// A queue that never holds more than its bound: whoever pushes waits for room, whoever pops waits for an element.
package final class BoundedQueue<Element: Sendable>: Sendable {
    private struct Sender {
        var id: UInt64
        var element: Element
        var continuation: CheckedContinuation<Bool, any Error>
    }

    private struct Receiver {
        var id: UInt64
        var continuation: CheckedContinuation<Element?, any Error>
    }

    private struct State {
        var elements: [Element] = []
        /// Those before it are taken; the array is moved up from time to time.
        var head = 0
        var senders: [Sender] = []
        var receivers: [Receiver] = []
        var isFinished = false
        var nextID: UInt64 = 0

        var count: Int { elements.count - head }

        mutating func takeFirst() -> Element? {
            guard count > 0 else { return nil }
            let element = elements[head]
            head += 1
            if head >= 32, head * 2 >= elements.count {
                elements.removeFirst(head)
                head = 0
            }
            return element
        }
    }

    private let state = Mutex(State())
    private let bound: Int

    package init(bound: Int) {
        self.bound = max(1, bound)
    }

    /// Appends an element, once there is room.
    ///
    /// - Returns: Whether it was taken; not where the queue is finished.
    /// - Throws: `CancellationError`, where nothing was appended.
    package func push(_ element: Element) async throws -> Bool {
        let id = newID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, receiver) = state.withLock {
                    state -> (Result<Bool, any Error>?, Receiver?) in
                    // The handler below runs under this lock, too: it finds the sender, or it is seen here.
                    if Task.isCancelled { return (.failure(CancellationError()), nil) }
                    if state.isFinished { return (.success(false), nil) }
                    if !state.receivers.isEmpty { return (.success(true), state.receivers.removeFirst()) }
                    if state.count < bound {
                        state.elements.append(element)
                        return (.success(true), nil)
                    }
                    state.senders.append(Sender(id: id, element: element, continuation: continuation))
                    return (nil, nil)
                }
                receiver?.continuation.resume(returning: element)
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sender = state.withLock { state in
                state.senders.firstIndex { $0.id == id }.map { state.senders.remove(at: $0) }
            }
            sender?.continuation.resume(throwing: CancellationError())
        }
    }

    /// The first element, once there is one; `nil` once the queue is finished and empty.
    ///
    /// - Throws: `CancellationError`, where nothing was taken.
    package func pop() async throws -> Element? {
        let id = newID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, sender) = state.withLock { state -> (Result<Element?, any Error>?, Sender?) in
                    if Task.isCancelled { return (.failure(CancellationError()), nil) }
                    if let element = state.takeFirst() {
                        let next = state.senders.isEmpty ? nil : state.senders.removeFirst()
                        if let next { state.elements.append(next.element) }
                        return (.success(element), next)
                    }
                    if state.isFinished { return (.success(nil), nil) }
                    state.receivers.append(Receiver(id: id, continuation: continuation))
                    return (nil, nil)
                }
                sender?.continuation.resume(returning: true)
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let receiver = state.withLock { state in
                state.receivers.firstIndex { $0.id == id }.map { state.receivers.remove(at: $0) }
            }
            receiver?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Ends the queue. What is in it can still be popped; whoever waits for room is turned away.
    package func finish() {
        let (senders, receivers) = state.withLock { state in
            state.isFinished = true
            defer {
                state.senders = []
                state.receivers = []
            }
            return (state.senders, state.receivers)
        }
        for sender in senders { sender.continuation.resume(returning: false) }
        for receiver in receivers { receiver.continuation.resume(returning: nil) }
    }

    private func newID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }
}
