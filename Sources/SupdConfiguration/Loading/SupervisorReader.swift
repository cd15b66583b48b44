import SupdPlugin

/// Reads `[supervisor]`.
struct SupervisorReader {
    let context: LoadContext

    private var faults: FaultCollector { context.faults }

    func configuration(_ settings: Settings) -> SupervisorConfiguration {
        let known = KnownSettings<SupervisorKey>(settings, whereabouts: " in [supervisor]", faults: faults)
        let reader = TableReader(known, faults: faults)
        var supervisor = SupervisorConfiguration()
        supervisor.text = SettingsText(ofSupervisor: known)
        reader.read(.socket, as: .socketPath, into: &supervisor.socket)
        reader.read(.connections, as: .integer(16...1000), into: &supervisor.connections)
        reader.read(.controlGroups, as: .word(), into: &supervisor.controlGroups)
        reader.read(.exitWhen, as: .word(), into: &supervisor.exitWhen)
        reader.read(.startParallelism, as: .integer(1...100_000), into: &supervisor.startParallelism)
        if let subject = reader.subject(.drain) { supervisor.drain = drain(subject) }
        if let subject = reader.subject(.access) { supervisor.access = AccessReader(context: context).rules(subject) }
        if let subject = reader.subject(.hooks) {
            supervisor.hooks = HooksReader(context: context, points: [.beforeServices, .afterServices]).hooks(subject)
            checkTime(of: supervisor.hooks, subject, in: supervisor.drain)
        }
        return supervisor
    }

    /// A hook may be allowed more than its phase has for all of them.
    private func checkTime(of hooks: [PlannedHook], _ subject: Subject, in drain: DrainBudget) {
        // Where one of the list has a fault, no warning is told.
        guard let items = subject.items else { return }
        for (hook, item) in zip(hooks, items) {
            let (key, time): (DrainKey, Duration) =
                hook.point == .beforeServices ? (.quiesce, drain.quiesce) : (.flush, drain.flush)
            guard hook.budget > time else { continue }
            faults.warn(
                "the hook '\(hook.name)' may take \(hook.budget.text), and a shutdown cancels what is not done after the \(time.text) of "
                    + "'\(key.rawValue)': raise '\(key.rawValue)' and 'timeout' of [supervisor.drain], or let it take less",
                at: item.place)
        }
    }

    private func drain(_ subject: Subject) -> DrainBudget {
        var drain = DrainBudget()
        guard let reader = TableReader<DrainKey>(subject, faults: faults) else { return drain }
        let timeout = reader.read(.timeout, as: .positiveDuration)
        drain.timeout = timeout ?? drain.timeout
        let budgets: [(key: DrainKey, path: WritableKeyPath<DrainBudget, Duration>)] = [
            (.quiesce, \.quiesce), (.jobs, \.jobs), (.services, \.services), (.flush, \.flush),
        ]
        let standardSum = budgets.reduce(Duration.zero) { $0 + drain[keyPath: $1.path] }
        var set: Set<DrainKey> = []
        for budget in budgets where reader.has(budget.key) {
            set.insert(budget.key)
            reader.read(budget.key, as: .positiveDuration, into: &drain[keyPath: budget.path])
        }
        if set.isEmpty {
            if drain.timeout < standardSum {
                for budget in budgets {
                    drain[keyPath: budget.path] = drain[keyPath: budget.path].scaled(
                        by: drain.timeout, over: standardSum)
                }
            }
            return drain
        }
        let sum = budgets.reduce(Duration.zero) { $0 + drain[keyPath: $1.path] }
        if sum > drain.timeout {
            let parts = budgets.map { "\($0.key.rawValue) \(drain[keyPath: $0.path].text)" }.joined(separator: " + ")
            let fitting = Self.fitting(drain, budgets, set)
            // Nobody means to shut down in less.
            let budgets = fitting.contains { $0.time < .milliseconds(1) } ? "" : text(fitting) + ", or "
            faults.add(
                "the budgets of the drain, \(parts), are \(sum.text) and over its timeout of \(drain.timeout.text); what fits is "
                    + "\(budgets)timeout = \"\(sum.wholeSeconds)s\"",
                at: reader.place(of: .timeout) ?? reader.place)
        }
        return drain
    }

    private func text(_ budgets: [(key: DrainKey, time: Duration)]) -> String {
        budgets.map { "\($0.key.rawValue) = \"\($0.time.text)\"" }.joined(separator: ", ")
    }

    /// Budgets that fit into the timeout: those that are not set share what the others leave, and where that is nothing all give up a part.
    private static func fitting(
        _ drain: DrainBudget, _ budgets: [(key: DrainKey, path: WritableKeyPath<DrainBudget, Duration>)],
        _ set: Set<DrainKey>
    ) -> [(key: DrainKey, time: Duration)] {
        let taken = budgets.filter { set.contains($0.key) }.reduce(Duration.zero) { $0 + drain[keyPath: $1.path] }
        let isLeft = taken < drain.timeout
        let changed = isLeft ? budgets.filter { !set.contains($0.key) } : budgets
        let room = isLeft ? drain.timeout - taken : drain.timeout
        let sum = changed.reduce(Duration.zero) { $0 + drain[keyPath: $1.path] }
        return changed.map { ($0.key, drain[keyPath: $0.path].scaled(by: room, over: sum).rounded) }
    }
}

extension Duration {
    /// This duration times `numerator` over `denominator`, in whole nanoseconds, at least one.
    fileprivate func scaled(by numerator: Duration, over denominator: Duration) -> Duration {
        let product = Int128(clampedNanoseconds) * Int128(numerator.clampedNanoseconds)
        let quotient = product / Int128(Swift.max(denominator.clampedNanoseconds, 1))
        return .nanoseconds(Swift.max(Int64(clamping: quotient), 1))
    }

    /// The seconds that it is not longer than.
    fileprivate var wholeSeconds: Int64 {
        let (seconds, rest) = clampedNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest == 0 ? seconds : seconds + 1
    }

    /// This duration as a person would write it, and no longer than it is.
    fileprivate var rounded: Duration {
        let unit: Int64 = self >= .seconds(1) ? 100_000_000 : self >= .milliseconds(1) ? 1_000_000 : 1
        return .nanoseconds(clampedNanoseconds / unit * unit)
    }
}

extension Form where Value == String {
    /// A path for the control socket, or the word for none.
    fileprivate static var socketPath: Form {
        absolutePath(or: SupervisorConfiguration.noSocket).and { SocketAddressText.tooLong($0, "a path") }
    }
}
