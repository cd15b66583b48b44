import SupdEngine
import SupdHost
import SupdPlugin

/// Whose a spawn is that is not back.
struct PendingSpawn {
    enum Owner {
        /// The program of an attempt.
        case main(InstanceID, attempt: UInt64)
        /// The command of a run of a service's.
        case command(Int)
        /// A plugin's program.
        case program(Int)
    }

    let owner: Owner
    let since: MonotonicInstant
    /// It was told that it takes its time.
    var isTold = false
}

/// Spawns that are not back: a file system does not answer, or the machine is merely busy.
extension Supervisor {
    /// How long a spawn may take before it is told of.
    static let pendingSpawnPatience: Duration = .seconds(1)

    func watchPending(_ spawn: SpawnID, _ owner: PendingSpawn.Owner) {
        processes.pending[spawn] = PendingSpawn(owner: owner, since: host.now)
        guard processes.pending.count(where: { !$0.value.isTold }) == 1 else { return }
        host.arm(TimerKind.pendingSpawn.token(), at: host.now.advanced(by: Self.pendingSpawnPatience))
    }

    /// A spawn that was pending is back.
    func spawnEnded(_ spawn: SpawnID, _ result: Result<SpawnedProcess, SpawnFailure>) {
        guard let pending = processes.pending.removeValue(forKey: spawn) else { return }
        noteChange()
        if pending.isTold, case .success(let process) = result {
            let took = host.now.duration(since: pending.since).text
            log.write(
                .notice, "the start of \(name(of: pending.owner)) has come back after \(took), pid \(process.pid)",
                about: instances(of: pending.owner), kind: .hangs)
        }
        switch pending.owner {
        case .main(let instance, let attempt): spawnEnded(of: instance, attempt: attempt, result)
        case .command(let number): commandSpawned(number, result)
        case .program(let number): plugins.programs.spawned(number, result)
        }
    }

    /// Tells of those that are not back for long.
    func tellPendingSpawns() {
        var next: MonotonicInstant?
        for (spawn, pending) in processes.pending where !pending.isTold {
            let time = pending.since.advanced(by: Self.pendingSpawnPatience)
            guard time <= host.now else {
                next = min(next ?? time, time)
                continue
            }
            processes.pending[spawn]?.isTold = true
            guard let progress = host.progress(of: spawn) else { continue }
            let child = progress.pid.map { ", child \($0)" } ?? ""
            log.write(
                .warning,
                "\(name(of: pending.owner)): \(progress.text) does not come back\(child); supd goes on without it",
                about: instances(of: pending.owner), kind: .hangs)
        }
        if let next { host.arm(TimerKind.pendingSpawn.token(), at: next) }
    }

    private func instances(of owner: PendingSpawn.Owner) -> [InstanceName] {
        switch owner {
        case .main(let instance, _): [name(of: instance)]
        case .command(let number): commands[number].map { [name(of: $0.instance)] } ?? []
        case .program: []
        }
    }

    private func name(of owner: PendingSpawn.Owner) -> String {
        switch owner {
        case .main(let instance, _): return name(of: instance).description
        case .command(let number):
            guard let run = commands[number] else { return "a command" }
            return "\(name(of: run.instance)), \(run.command.rawValue)"
        case .program: return "a plugin's program"
        }
    }

    /// What a start of an instance hangs at; nil where it does not.
    func pendingStep(of instance: InstanceID) -> SpawnProgress? {
        roster[instance].running?.spawn.flatMap { host.progress(of: $0) }
    }

    /// The children of an instance that have not come to their programs.
    func pendingChildren(of instance: InstanceID) -> [Int32] {
        guard !processes.pending.isEmpty else { return [] }
        return processes.pending.compactMap { spawn, pending in
            switch pending.owner {
            case .main(instance, _): host.progress(of: spawn)?.pid
            case .command(let number) where commands[number]?.instance == instance:
                host.progress(of: spawn)?.pid
            case .main, .command, .program: nil
            }
        }
    }

    /// Sends what ends a start that is not back. False where it is.
    @discardableResult
    func takeBackSpawn(of instance: InstanceID) -> Bool {
        guard let spawn = roster[instance].running?.spawn else { return false }
        host.takeBack(spawn)
        return true
    }
}
