/// What is to be known of an instance before all is said of it: asked in every request, and so without a copy of its machine.
extension Fleet {
    /// An instance that stays as it is unless something comes, and whose reason is its own: it is up, or down by an order.
    package struct Rest {
        /// How often its machine has changed: as long as that is the same, so is the machine.
        package let changes: UInt32
        /// The number of its attempt.
        package let attempt: UInt64
    }

    /// How an instance rests; nil of one that does not.
    package func rest(of instance: InstanceID) -> Rest? {
        let row = rows[instance]
        switch row.machine.phase {
        case .stopped: break
        case .running: if row.machine.stopRequested { return nil }
        case .waiting, .starting, .backoff, .stopping, .exited, .fatal: return nil
        }
        return Rest(changes: row.changes, attempt: row.machine.attempt)
    }

    /// Whether an instance is as it is because of another service, which its reason names at rest.
    package func isByAnother(_ instance: InstanceID) -> Bool {
        if case .dependency = rows[instance].machine.cause { true } else { false }
    }
}
