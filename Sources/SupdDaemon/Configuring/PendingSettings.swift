import DequeModule
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What runs and is to go by other settings than it was begun by: limits, priorities and control groups of its processes.
final class PendingSettings {
    private unowned let seam: any ConfigurationSeam
    private var waiting = Deque<(instance: InstanceID, attempt: UInt64, former: TreeSettings)>()

    /// Everything goes by what it was begun by.
    init(_ seam: any ConfigurationSeam) { self.seam = seam }

    var isEmpty: Bool { waiting.isEmpty }

    /// What runs of an instance goes by `former`; nothing where that is what it is to go by.
    func note(_ instance: InstanceID, former: TreeSettings) {
        guard let running = seam.processes.running(of: instance),
            former != TreeSettings(seam.definition(of: instance).conduct)
        else { return }
        waiting.append((instance, running.attempt, former))
    }

    /// Has what runs go by its settings of now, as much of it as a turn may. Answers what could not be given to what runs.
    @discardableResult
    func apply() -> [ConfigurationPlanReply.Failure] {
        guard !waiting.isEmpty else { return [] }
        var failures: [ConfigurationPlanReply.Failure] = []
        let (host, log) = (seam.host, seam.log)
        let end = host.readClock().advanced(by: ProtocolLimits.timePerTurn)
        repeat {
            let (instance, attempt, former) = waiting.removeFirst()
            // What was begun since has them.
            guard let running = seam.processes.running(of: instance), running.attempt == attempt,
                let tree = seam.processes.tree(of: instance)
            else { continue }
            let report = host.apply(TreeSettings(seam.definition(of: instance).conduct), insteadOf: former, to: tree)
            let name = seam.name(of: instance)
            for problem in report.problems {
                log.write(.warning, "\(name) goes on without \(problem)", about: name, kind: .goesOnWithout)
                failures.append(.init(name: name.description, reason: "goes on without \(problem)"))
            }
            if report.leftOut > 0 {
                log.write(
                    .warning, "\(name) has too many processes: \(report.leftOut) keep their limits", about: name,
                    kind: .goesOnWithout)
            }
        } while !waiting.isEmpty && host.readClock() < end
        if !waiting.isEmpty { host.arm(TimerKind.next.token(), at: host.now) }
        return failures
    }
}
