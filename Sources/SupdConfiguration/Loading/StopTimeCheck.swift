import SupdPlugin

/// Looks for services that a shutdown would kill before they had the time to stop that they ask for. What a service is allowed and
/// what all of them have together stand in two tables, and each by itself is right.
struct StopTimeCheck {
    /// The keys that say how long a stop may take, the most telling first.
    static let keys: [ServiceKey] = [.stopSteps, .timeoutStop, .execStop, .execStopPost, .hooks]

    private let services: [ServiceDraft]
    private let predecessors: [[Int]]
    private let budget: Duration
    private let faults: FaultCollector

    /// Warns of each of `services` that may not have ended when `budget` is over, the time that a shutdown gives all of them. `predecessors` are,
    /// for each, those that are stopped only once it has ended.
    static func run(services: [ServiceDraft], predecessors: [[Int]], budget: Duration, faults: FaultCollector) {
        StopTimeCheck(services: services, predecessors: predecessors, budget: budget, faults: faults).run()
    }

    /// Goes through the services in the order they are stopped in, each after all that depend on it.
    private func run() {
        var waits = services.map { _ in Wait() }
        var dependents = services.map { _ in 0 }
        for place in predecessors.joined() { dependents[place] += 1 }
        var ready = services.indices.filter { dependents[$0] == 0 }
        while let place = ready.popLast() {
            let own = services[place].configuration.conduct.longestStop
            judge(place, own: own, after: waits[place])
            // A oneshot has ended long before, most often: what it needs waits for what needs it.
            let isOneshot = services[place].configuration.conduct.type == .oneshot
            let wait =
                isOneshot
                ? waits[place]
                : Wait(
                    time: Self.sum(waits[place].time, own), last: place,
                    isSaid: waits[place].isSaid || services[place].stopTimePlace != nil)
            for next in predecessors[place] {
                if let longest = waits[next].time, wait.time.map({ $0 > longest }) ?? true { waits[next] = wait }
                dependents[next] -= 1
                if dependents[next] == 0 { ready.append(next) }
            }
        }
    }

    /// Both one after the other; nil for no limit.
    private static func sum(_ one: Duration?, _ other: Duration?) -> Duration? {
        guard let one, let other else { return nil }
        return one + other
    }

    /// How long a service may have to wait for its dependents; without a time for no limit.
    private struct Wait {
        var time: Duration? = .zero
        /// The dependent that is stopped last.
        var last: Int?
        /// Whether any of them says how long its stop may take.
        var isSaid = false
    }

    private func judge(_ place: Int, own: Duration?, after wait: Wait) {
        let service = services[place]
        // Put together only where it is told.
        var advice: String { "raise 'services' and 'timeout' of [supervisor.drain], or let it take less" }
        var end: String { "a shutdown kills what has not stopped after \(budget.text)" }
        guard let own, own <= budget else {
            faults.warn(
                "'\(service.name)' may take \(own?.text ?? "any time") to stop, and \(end): \(advice)",
                at: service.stopTimePlace ?? service.place)
            return
        }
        // Where nobody says how long a stop takes, the standard is far more than most ever need: a row of five of them is no mistake.
        guard service.configuration.conduct.type != .oneshot, let last = wait.last,
            wait.time.map({ $0 + own > budget }) ?? true, wait.isSaid || service.stopTimePlace != nil
        else {
            return
        }
        let before = wait.time.map { "the up to \($0.text)" } ?? "any time"
        faults.warn(
            "'\(service.name)' may take \(own.text) to stop, after \(before) that it waits for '\(services[last].name)' "
                + "and what depends on that, and \(end): \(advice)", at: service.stopTimePlace ?? service.place)
    }
}
