/// What is to be known of an instance before all is said of it: asked in every request, and so without a copy of its machine.
extension Fleet {
    /// How often the machine of an instance at rest has changed: as long as that is the same, so is the machine. One is at rest that stays as
    /// it is unless something comes, and whose reason is its own: it is up, or down by an order. Nil of others.
    package func changesAtRest(of instance: InstanceID) -> UInt32? {
        let row = rows[instance]
        switch row.machine.phase {
        case .stopped: break
        case .running: if row.machine.stopRequested { return nil }
        case .waiting, .starting, .backoff, .stopping, .exited, .fatal: return nil
        }
        return row.changes
    }

    /// Whether an instance is as it is because of another service, which its reason names at rest.
    package func isByAnother(_ instance: InstanceID) -> Bool {
        if case .dependency = rows[instance].machine.cause { true } else { false }
    }
}
