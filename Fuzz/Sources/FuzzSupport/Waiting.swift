import Dispatch
import Synchronization

/// Waits for what is asynchronous, since a fuzzer's callback is not. Only for what suspends on nothing outside.
public func waiting<Value: Sendable>(for operation: @escaping @Sendable () async -> Value) -> Value {
    let box = Box<Value>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        let value = await operation()
        box.value.withLock { $0 = value }
        done.signal()
    }
    done.wait()
    guard let value = box.value.withLock({ $0 }) else { violated("nothing came of it") }
    return value
}

private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
