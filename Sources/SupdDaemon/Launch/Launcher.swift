import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Starts the programs of services, each in its turn.
final class Launcher {
    /// How many programs are started in one turn of the loop.
    private static let spawnsPerTurn = 32

    private unowned let seam: any LaunchSeam
    private let host: any Host
    private let log: DaemonLog
    /// Sockets held for services.
    let sockets: ServiceSockets
    /// Attempts whose programs are to be started, first come first served.
    private var queue: [(instance: InstanceID, attempt: UInt64)] = []

    /// One with nothing to start.
    init(_ seam: any LaunchSeam) {
        self.seam = seam
        host = seam.host
        log = seam.log
        sockets = ServiceSockets(seam)
    }

    /// Whether anything is to be started.
    var hasQueued: Bool { !queue.isEmpty }

    /// The instances whose programs are to be started. For audits.
    var instances: [InstanceID] { queue.map(\.instance) }

    /// Has the program of an attempt be started.
    func enqueue(_ instance: InstanceID, attempt: UInt64) { queue.append((instance, attempt)) }

    /// Starts what is in the queue, up to the bound of a turn.
    func spawnQueued() {
        // Once the daemon is on its way down nothing is begun: what had its turn before is dropped by its stop.
        guard seam.drain.gate == .open else {
            queue = []
            return
        }
        let end = host.readClock().advanced(by: ProtocolLimits.timePerTurn)
        let batch = Array(queue.prefix(Self.spawnsPerTurn))
        queue.removeFirst(batch.count)
        for (place, (instance, attempt)) in batch.enumerated() {
            // The start before it may have taken the daemon down.
            guard seam.drain.gate == .open else { return }
            guard seam.fleet.contains(instance), seam.fleet[instance].wantsSpawn(of: attempt) else { continue }
            spawn(instance, attempt: attempt, before: batch[(place + 1)...].first?.instance)
            // Each may take a while on a machine that is busy, and others wait for this turn's end.
            guard host.readClock() < end else { return queue.insert(contentsOf: batch[(place + 1)...], at: 0) }
        }
    }

    private func spawn(_ instance: InstanceID, attempt: UInt64, before next: InstanceID?) {
        // What runs of the attempt already, and this, are one tree, whatever the instance is called by now.
        let name = seam.processes.startedName(of: instance)
        let definition = seam.definition(of: instance)
        let (seam, sockets, log) = (seam, sockets, log)
        // It will write where the daemon does: after what was said before.
        if definition.conduct.log.sink == .inherit { log.handOver() }
        // The request is made anew after each of its sockets.
        var hasWarned = false
        var order = SpawnOrder(files: definition.conduct.environmentFiles.map(\.path)) {
            contents throws(SpawnFailure) in
            var request = try SpawnRequest(
                service: definition.configuration, instance: name, command: definition.configuration.execStart,
                "exec_start",
                notices: try seam.notices.path(of: instance, isMain: true),
                invocation: seam.processes.invocation(of: instance, attempt: attempt), host: seam.host, files: contents
            ) { warning in
                if !hasWarned { log.write(.warning, "\(name): \(warning)", about: name) }
            }
            hasWarned = true
            request.sockets = try sockets.passed(to: instance) + seam.notices.store.passed(to: instance)
            request.readyDescriptor = try seam.notices.readiness.openDescriptor(of: instance)
            return request
        }
        if let next, seam.fleet.contains(next) { order.nextGroup = seam.processes.startedName(of: next).description }
        switch host.spawn(order) {
        case .ended(let result): spawnEnded(of: instance, attempt: attempt, result)
        case .pending(let spawn):
            seam.processes.hold(instance, attempt: attempt, for: spawn)
            seam.act { $0.handle(.spawnPending(attempt: attempt), of: instance, now: $1, random: $2, into: &$3) }
        }
    }

    /// The program of an attempt has begun, or could not.
    func spawnEnded(of instance: InstanceID, attempt: UInt64, _ result: Result<SpawnedProcess, SpawnFailure>) {
        let name = seam.processes.startedName(of: instance)
        seam.processes.spawnIsBack(of: instance)
        seam.notices.readiness.passedDescriptor(of: instance)
        switch result {
        case .success(let process): begun(instance, name, attempt: attempt, process)
        case .failure(let failure):
            // What lacks something is tried again every few moments for as long as that takes.
            let isTold = failure.isWantOfResources && seam.fleet[instance].lacked == failure.error
            log.write(
                isTold ? .debug : .warning, "\(name) could not be started: \(failure)", about: name, kind: .startFailed)
            seam.act {
                $0.handle(.spawnFailed(attempt: attempt, failure), of: instance, now: $1, random: $2, into: &$3)
            }
        }
    }

    private func begun(_ instance: InstanceID, _ name: InstanceName, attempt: UInt64, _ process: SpawnedProcess) {
        let definition = seam.definition(of: instance)
        seam.processes.begin(instance, name, attempt: attempt, process)
        seam.notices.begin(instance, attempt: attempt)
        seam.logs.attach(
            instance, name: name, attempt: attempt, process: process, configuration: definition.log(of: name),
            queue: seam.logQueue(of: instance), task: registerPump(name, process))
        tellPipe(of: name, process, definition.conduct.log)
        seam.act {
            $0.handle(.spawned(attempt: attempt, pid: process.pid), of: instance, now: $1, random: $2, into: &$3)
        }
        seam.plugins.probes.beginReadiness(of: instance)
        seam.notices.readiness.awaitSignals(of: instance)
    }

    private func registerPump(_ name: InstanceName, _ process: SpawnedProcess) -> TaskID? {
        guard process.output != nil || process.errorOutput != nil else { return nil }
        return try? seam.drain.tasks.register(TaskTitle("log", of: name), kind: .cleanup, phase: .flush)
    }

    /// Who was to write to the journal itself and has a pipe came when that could not be reached.
    private func tellPipe(of name: InstanceName, _ process: SpawnedProcess, _ configuration: LogConfiguration) {
        guard configuration.sink == .journalDirect, process.output != nil || process.errorOutput != nil else { return }
        log.write(
            .warning,
            "\(name) has no stream of the journal's, which could not be reached: until its next start its lines go by way of supd",
            about: name, kind: .journalGone)
    }
}

extension ServiceDefinition {
    /// Where the lines of an instance go.
    func log(of name: InstanceName) -> LogConfiguration {
        var configuration = conduct.log
        // The loader has refused a file name that cannot be expanded.
        if let file = configuration.file { configuration.file = (try? expandSpecifiers(file, instance: name)) ?? file }
        return configuration
    }
}
