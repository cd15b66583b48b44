import SupdHost

/// Work beside the loop.
extension SimulatedHost {
    /// Makes the call at once; its result is told after `asideTime`.
    package func runAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        let value = call()
        after(asideTime) { host in
            then(value)
            host.returnsToOwner = true
        }
    }
}
