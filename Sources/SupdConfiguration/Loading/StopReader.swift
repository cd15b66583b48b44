import SupdPlugin

/// Reads how a service is stopped: `stop_steps`, or `kill_signal` and `timeout_stop`, which are one step.
struct StopReader {
    /// The keys that are another way to say what `stop_steps` says.
    static let oneStep: [ServiceKey] = [.killSignal, .timeoutStop]

    let reader: TableReader<ServiceKey>

    /// The steps, `standard` where the configuration says nothing.
    func steps(standard: [StopStep]) -> [StopStep] {
        // Read also where both ways are said, which is refused: what is wrong with the one that goes is told with it.
        let oneStep = oneStep(standard: standard)
        guard let subject = reader.subject(.stopSteps) else { return oneStep }
        let form = Form<[StopStep]>.list(of: .stopStep, atMost: ConfigurationLimits.stopSteps)
        guard let steps = form.read(subject) else { return standard }
        if steps.isEmpty {
            subject.fault("must have at least one step; leave it away for kill_signal and timeout_stop")
            return standard
        }
        return steps
    }

    private func oneStep(standard: [StopStep]) -> [StopStep] {
        var step = standard.first ?? StopStep(signal: .term, wait: .seconds(10))
        reader.read(.killSignal, as: .signal, into: &step.signal)
        reader.read(.timeoutStop, as: .positiveDuration, into: &step.wait)
        return [step]
    }

    /// Refuses both ways in one table.
    static func checkOneWay(_ settings: KnownSettings<ServiceKey>, faults: FaultCollector) {
        guard let steps = settings[.stopSteps] else { return }
        let others = oneStep.filter { settings[$0] != nil }.map { "'\($0.rawValue)'" }
        guard !others.isEmpty else { return }
        faults.add(
            "'stop_steps' stands in place of \(others.joined(separator: " and ")): keep one of the two ways",
            at: steps.place)
    }
}
