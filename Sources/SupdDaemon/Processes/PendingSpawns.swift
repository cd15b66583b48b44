import SupdEngine
import SupdHost
import SupdPlugin

/// Spawns that are not back: a file system does not answer, or the machine is merely busy.
final class PendingSpawns {
    /// Whose a spawn is.
    enum Owner {
        /// The program of an attempt.
        case main(InstanceID, attempt: UInt64)
        /// The command of a run of a service's.
        case command(Int)
        /// A plugin's program.
        case program(Int)
    }

    private struct Pending {
        let owner: Owner
        let since: MonotonicInstant
        /// It was told that it takes its time.
        var isTold = false
    }

    /// How long a spawn may take before it is told of.
    private static let patience: Duration = .seconds(1)

    private unowned let seam: any ProcessSeam
    private let host: any Host
    private let log: DaemonLog
    private var spawns = [SpawnID: Pending]()

    /// None yet.
    init(_ seam: any ProcessSeam) {
        self.seam = seam
        host = seam.host
        log = seam.log
    }

    var count: Int { spawns.count }

    /// Has its owner be told when a spawn is back.
    func watch(_ spawn: SpawnID, _ owner: Owner) {
        spawns[spawn] = Pending(owner: owner, since: host.now)
        guard spawns.count(where: { !$0.value.isTold }) == 1 else { return }
        host.arm(TimerKind.pendingSpawn.token(), at: host.now.advanced(by: Self.patience))
    }

    /// A spawn that was pending is back.
    func ended(_ spawn: SpawnID, _ result: Result<SpawnedProcess, SpawnFailure>) {
        guard let pending = spawns.removeValue(forKey: spawn) else { return }
        // Nothing is to wake a daemon that idles.
        if spawns.values.allSatisfy(\.isTold) { host.disarm(TimerKind.pendingSpawn.token()) }
        seam.noteChange()
        if pending.isTold, case .success(let process) = result {
            let took = host.now.duration(since: pending.since).text
            log.write(
                .notice, "the start of \(name(of: pending.owner)) has come back after \(took), pid \(process.pid)",
                about: instances(of: pending.owner), kind: .hangs)
        }
        switch pending.owner {
        case .main(let instance, let attempt): seam.launcher.spawnEnded(of: instance, attempt: attempt, result)
        case .command(let number): seam.commands.spawned(number, result)
        case .program(let number): seam.plugins.programs.spawned(number, result)
        }
    }

    /// Tells of those that are not back for long.
    func tell() {
        var next: MonotonicInstant?
        for (spawn, pending) in spawns where !pending.isTold {
            let time = pending.since.advanced(by: Self.patience)
            guard time <= host.now else {
                next = min(next ?? time, time)
                continue
            }
            spawns[spawn]?.isTold = true
            guard let progress = host.progress(of: spawn) else { continue }
            let child = progress.pid.map { ", child \($0)" } ?? ""
            log.write(
                .warning,
                "\(name(of: pending.owner)): \(progress.text) does not come back\(child); supd goes on without it",
                about: instances(of: pending.owner), kind: .hangs)
        }
        if let next { host.arm(TimerKind.pendingSpawn.token(), at: next) }
    }

    /// The children of an instance that have not come to their programs.
    func children(of instance: InstanceID) -> [Int32] {
        guard !spawns.isEmpty else { return [] }
        return spawns.compactMap { spawn, pending in
            switch pending.owner {
            case .main(instance, _): host.progress(of: spawn)?.pid
            case .command(let number) where seam.commands[number]?.instance == instance:
                host.progress(of: spawn)?.pid
            case .main, .command, .program: nil
            }
        }
    }

    /// The programs of plugins whose children have not come to them, by their numbers.
    var programs: [(number: Int, progress: SpawnProgress, since: MonotonicInstant)] {
        spawns.compactMap { spawn, pending in
            guard case .program(let number) = pending.owner, let progress = host.progress(of: spawn),
                progress.pid != nil
            else { return nil }
            return (number, progress, pending.since)
        }.sorted { $0.number < $1.number }
    }

    private func instances(of owner: Owner) -> [InstanceName] {
        switch owner {
        case .main(let instance, _): [seam.name(of: instance)]
        case .command(let number): seam.commands[number].map { [seam.name(of: $0.instance)] } ?? []
        case .program: []
        }
    }

    private func name(of owner: Owner) -> String {
        switch owner {
        case .main(let instance, _): return seam.name(of: instance).description
        case .command(let number):
            guard let run = seam.commands[number] else { return "a command" }
            return "\(seam.name(of: run.instance)), \(run.command.rawValue)"
        case .program: return "a plugin's program"
        }
    }
}
