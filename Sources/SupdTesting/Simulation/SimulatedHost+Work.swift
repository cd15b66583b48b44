package import SupdHost

/// Work off the loop.
extension SimulatedHost {
    /// Has the work do what `work` says of its name; `body` is not run, but `onWork` gets it.
    package func begin(_ work: WorkID, named name: String, _ body: @escaping @Sendable () async throws -> Void) {
        onWork(name, body)
        let script = self.work(name)
        works[work] = script
        if let duration = script.duration { after(duration) { $0.end(work, error: script.error) } }
    }

    /// Has the work end as its script says.
    package func cancel(_ work: WorkID) {
        guard let obedience = works[work]?.endsAfterCancel else { return }
        after(obedience) { $0.end(work, error: "was cancelled") }
    }

    private func end(_ work: WorkID, error: String?) {
        guard works.removeValue(forKey: work) != nil else { return }
        pending.append(.workEnded(work, error: error))
    }

    /// How much work off the loop has not ended.
    public var livingWork: Int { works.count }
    /// There are no other threads.
    package var waker: @Sendable () -> Void { {} }
}
