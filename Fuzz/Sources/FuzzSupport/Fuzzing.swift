import CLibFuzzer
import Synchronization

/// Runs libFuzzer with the program's arguments, and never returns.
///
/// - Parameter check: Given an input, does with it what the program under test does, and calls ``violated(_:)`` where
///   what it sees must not be. A trap, a memory error and a timeout are findings, too.
public func fuzz(_ check: @escaping @Sendable ([UInt8]) -> Void) -> Never {
    target.withLock { $0 = Target(check: check) }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        let input = Array(UnsafeBufferPointer(start: data, count: size))
        target.withLock { $0 }?.check(input)
        return 0
    }
    fatalError("the fuzzer came back with \(status)")
}

// In a box: a bare closure is wrapped once more each time it is taken out of generic storage.
private struct Target: Sendable {
    let check: @Sendable ([UInt8]) -> Void
}

private let target = Mutex<Target?>(nil)

/// Ends the run: an invariant does not hold for the input.
public func violated(_ what: @autoclosure () -> String) -> Never {
    fatalError("invariant: \(what())")
}

/// Ends the run unless the invariant holds.
public func demand(_ holds: @autoclosure () -> Bool, _ what: @autoclosure () -> String) {
    if !holds() { violated(what()) }
}
