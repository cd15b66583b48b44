package import SupdHost
import SupdPlugin

/// A spawn that is not back.
struct HungSpawn {
    var pid: Int32
    var subject: String
    /// SIGKILL waits for it.
    var isTakenBack = false
    var isUnkillable: Bool
}

/// Spawns that take their time.
extension SimulatedHost {
    func hang(_ script: ProcessScript, _ request: SpawnRequest, _ delay: Duration) -> SpawnID {
        nextSpawn += 1
        let id = SpawnID(rawValue: nextSpawn)
        hung[id] = HungSpawn(
            pid: Int32(100_000 + Int32(nextSpawn)), subject: request.candidates.first ?? "",
            isUnkillable: script.obedience == .unkillable)
        after(delay) { host in
            guard let spawn = host.hung[id] else { return }
            // Before it comes to its program there is nothing that could not be killed, once the kernel lets it go.
            if spawn.isTakenBack { return host.endSpawn(id) }
            host.hung[id] = nil
            host.tell(.spawnEnded(id, .success(host.begin(script, request))))
        }
        return id
    }

    private func endSpawn(_ id: SpawnID) {
        guard let progress = progress(of: id) else { return }
        hung[id] = nil
        tell(.spawnEnded(id, .failure(progress.failure)))
    }

    /// Has it end, unless it hangs in the kernel.
    package func takeBack(_ spawn: SpawnID) {
        guard hung[spawn] != nil else { return }
        hung[spawn]?.isTakenBack = true
        if hung[spawn]?.isUnkillable == false { endSpawn(spawn) }
    }

    /// At the execve(2) of its first candidate.
    package func progress(of spawn: SpawnID) -> SpawnProgress? {
        hung[spawn].map { SpawnProgress(stage: .exec, subject: $0.subject, pid: $0.pid) }
    }

    /// How many spawns are not back.
    public var hungSpawns: Int { hung.count }

    /// Takes hold of a leftover.
    package func adopt(_ process: Int32, of tree: ProcessTree, invocation: String) -> AdoptionAnswer {
        let membership = membership(of: process, in: tree)
        if membership == .unclear { return .unclear }
        guard membership == .member, processes[process]?.handle == nil else { return .refused }
        spawnCount += 1
        processes[process]?.handle = UInt64(spawnCount)
        pidOfHandle[UInt64(spawnCount)] = process
        return .adopted(ProcessHandle(rawValue: UInt64(spawnCount)))
    }

    /// Makes it a leftover again.
    package func letGo(_ process: ProcessHandle) {
        guard let pid = pidOfHandle.removeValue(forKey: process.rawValue) else { return }
        processes[pid]?.handle = nil
        if processes[pid]?.outcome != nil {
            processes[pid] = nil
            adoptedEnded += 1
        }
    }
}
