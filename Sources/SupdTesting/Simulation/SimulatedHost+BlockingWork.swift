package import SupdHost
package import SupdPlugin

/// Work beside the loop.
extension SimulatedHost {
    /// Makes the call at once; its result is told after `asideTime`.
    package func lookAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        runAside(call, then: then)
    }

    /// The same.
    package func runAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        let value = call()
        after(asideTime) { host in
            then(value)
            host.returnsToOwner = true
        }
    }

    /// Nothing is known of files without looking.
    package func versionAtHand(of path: String) -> Result<FileVersion?, ErrorNumber>? { nil }

    /// Made where they are asked for.
    package var fileCalls: FileCalls { FileCalls { $0() } }
}
