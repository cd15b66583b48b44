import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What instances leave behind. What those of kill mode `process` leave running nobody stops before the shutdown, but it is told and shown
/// (systemd says "remains running after unit stopped" of it). What others leave is stopped, and where they had ended well, it is told, for
/// it mostly is of a program that puts itself into the background.
final class LeftBehind {
    /// What was stopped after an instance had ended well.
    private struct Stopped {
        /// The attempt that it was of.
        var attempt: UInt64
        /// `2 processes that it left were stopped: 17 (nginx: master), …; if nginx puts itself into the background, …`.
        var sentence: String
    }

    private unowned let seam: any ProcessSeam
    private let host: any Host
    private let log: DaemonLog
    private var running = [InstanceID: LeftRunning]()
    private var stopped = [InstanceID: Stopped]()

    /// Nothing yet.
    init(_ seam: any ProcessSeam) {
        self.seam = seam
        host = seam.host
        log = seam.log
    }

    /// Those that have left anything. For audits.
    var instances: [InstanceID] { Array(running.keys) + Array(stopped.keys) }

    /// An instance is gone for good.
    func forget(_ instance: InstanceID) {
        running[instance] = nil
        stopped[instance] = nil
    }

    /// An instance's tree was looked at, and there are these.
    func tell(by instance: InstanceID, _ tree: ProcessTree, _ pids: [Int32]) {
        if seam.fleet[instance].settings.killMode == .process { return keepRunning(by: instance, tree, pids) }
        guard case .stopping(let stop) = seam.fleet[instance].phase else { return }
        if stop.why == .ended, stop.step == nil, stop.errand == nil { tellStopped(by: instance, pids) }
        guard stop.kills <= 1 else { return }
        let list = pids.prefix(8).map(String.init).joined(separator: ", ")
        let more = pids.count > 8 ? ", …" : ""
        let name = seam.name(of: instance)
        log.write(.debug, "\(name) has left processes behind: \(list)\(more)", about: name, kind: .leftBehind)
    }

    // MARK: Left running

    /// An attempt's main process has ended and left these. Told once for each attempt.
    private func keepRunning(by instance: InstanceID, _ tree: ProcessTree, _ processes: [Int32]) {
        var left = running[instance] ?? LeftRunning(lookedAt: host.now)
        let isNew = !left.trees.contains { $0.mark == tree.mark }
        // In its control group are also those of attempts before it.
        let new = processes.filter { !left.processes.contains($0) }
        if isNew { left.trees.append(tree) }
        left.processes = Set(left.processes + new).sorted()
        running[instance] = left
        // Those that have ended since are not kept for ever, whoever asks.
        if left.trees.count > LeftRunning.treesKeptUnasked { _ = running(by: instance) }
        guard isNew, !new.isEmpty else { return }
        let name = seam.name(of: instance)
        log.write(
            .warning,
            "\(name) leaves \(seam.processes(new.count)) running, as its kill_mode is \"process\": "
                + seam.list(of: new, atMost: 8),
            about: name, kind: .leftBehind)
    }

    /// The living processes of attempts that are over, as of a moment ago.
    func running(by instance: InstanceID) -> [Int32] {
        guard var left = running[instance] else { return [] }
        if left.isOld(host.now) {
            let isRunning = seam.processes.isRunning(instance)
            left.update(
                host.look(
                    at: left.trees.map { tree in
                        var tree = tree
                        // In the control group there are also those of the attempt that is under way.
                        if isRunning { tree.group = nil }
                        return tree
                    }), now: host.now)
            running[instance] = left.trees.isEmpty ? nil : left
        }
        return left.processes
    }

    /// Whether an instance has none of them.
    func isEmpty(of instance: InstanceID) -> Bool { running[instance] == nil }

    /// All of them, each with whose it is.
    var allRunning: [(process: Int32, instance: InstanceID)] {
        running.keys.flatMap { instance in running(by: instance).map { ($0, instance) } }
    }

    /// A process has ended that may have been one of them.
    func mayHaveChanged() {
        for instance in running.keys { running[instance]?.mayHaveChanged = true }
    }

    // MARK: Stopped

    /// The main process of an instance has ended by itself and with success, be it too early for that to count, and these are stopped,
    /// as supd supervises what it has started. Told once for each attempt; a warning unless the attempt before did the same.
    private func tellStopped(by instance: InstanceID, _ pids: [Int32]) {
        let machine = seam.fleet[instance]
        let before = stopped[instance]
        guard before?.attempt != machine.attempt, let exit = machine.lastExit else { return }
        let isEarly = machine.settings.exitStatusRules.isEarlySuccess(exit)
        guard isEarly || machine.endedWithSuccess else { return }
        let name = seam.name(of: instance)
        let shown = host.details(of: Array(pids.prefix(processesNamed)))
        let program = seam.definition(of: instance).configuration.execStart.first ?? ""
        // Who puts himself into the background exits; a signal that ends him is somebody's order.
        let advice: String
        if case .exited = exit.outcome {
            advice = "; " + ForegroundAdvice.sentence(program: program, commands: shown.map(\.command))
        } else {
            advice = ""
        }
        let were = pids.count == 1 ? "a process that it left was" : "\(pids.count) processes that it left were"
        let sentence = "\(were) stopped: \(seam.list(of: shown, more: pids.count - shown.count))\(advice)"
        stopped[instance] = Stopped(attempt: machine.attempt, sentence: sentence)
        let isRepeated = before.map { $0.attempt + 1 == machine.attempt } ?? false
        let how = isEarly ? "before its start counted" : "with success"
        log.write(
            isRepeated ? .info : .warning, "\(name) has ended \(how), and \(sentence)", about: name, kind: .leftBehind)
    }

    /// The same for its reason, as long as nothing was started since.
    func stopped(by instance: InstanceID, attempt: UInt64) -> String? {
        stopped[instance].flatMap { $0.attempt == attempt ? $0.sentence : nil }
    }
}
