import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// A probe of one instance's attempt on its way.
struct ProbeRun {
    let instance: InstanceID
    let attempt: UInt64
    let purpose: ProbePurpose
    let planned: PlannedProbe
    var machine: ProbeMachine
    /// The question that is being answered.
    var question: (work: WorkID, task: TaskID)?
}

/// The probes that are on their way.
struct ProbeTable {
    private(set) var runs = [Int: ProbeRun]() { didSet { changes += 1 } }
    /// By instance, the run whose answers count. Others have a question left that nobody wants the answer of.
    private(set) var current = [InstanceID: Int]() { didSet { changes += 1 } }
    private var last = 0
    /// How often any of it has changed.
    private(set) var changes: UInt64 = 0
    /// What the last answer was, by instance, where its attempt was ended for it.
    private var problems = [InstanceID: (attempt: UInt64, problem: String)]()

    /// Adds the run that counts for its instance from now on, and answers its number.
    mutating func add(_ run: ProbeRun) -> Int {
        last += 1
        runs[last] = run
        current[run.instance] = last
        return last
    }

    subscript(number: Int) -> ProbeRun? {
        get { runs[number] }
        set {
            // One that was given up stays for as long as it counts: what it has found is shown.
            let isOver = newValue.map { $0.machine.deadline == nil && current[$0.instance] != number } ?? true
            runs[number] = isOver ? nil : newValue
        }
    }

    /// The run whose answers count for `instance`.
    func run(of instance: InstanceID) -> ProbeRun? { current[instance].flatMap { runs[$0] } }

    /// Keeps why an attempt was not ready, or not healthy, for as long as it is asked why it was ended.
    mutating func keepProblem(_ problem: String, of instance: InstanceID, attempt: UInt64) {
        problems[instance] = (attempt, problem)
    }

    /// Why this attempt was not ready, or not healthy; nil where nothing was kept of it.
    func lastProblem(of instance: InstanceID, attempt: UInt64) -> String? {
        problems[instance].flatMap { $0.attempt == attempt ? $0.problem : nil }
    }

    /// Those that anything is known of.
    var instances: [InstanceID] { runs.values.map(\.instance) + Array(current.keys) + Array(problems.keys) }

    /// The instance is gone for good.
    mutating func forget(_ instance: InstanceID) { problems[instance] = nil }

    /// Nobody wants the answers for `instance` any more; answers the number of the run that gave them.
    mutating func release(_ instance: InstanceID) -> Int? { current.removeValue(forKey: instance) }
}

extension ProbeRules {
    init(_ probe: PlannedProbe, _ purpose: ProbePurpose) {
        self.init(
            initialDelay: probe.initialDelay, period: probe.period, timeout: probe.timeout,
            failureThreshold: purpose == .health ? probe.failureThreshold : 1)
    }
}

extension ServiceHealth {
    init(_ verdict: ProbeMachine.Verdict) {
        switch verdict {
        case .unknown: self = .unknown
        case .passed: self = .healthy
        case .failed: self = .unhealthy
        }
    }
}
