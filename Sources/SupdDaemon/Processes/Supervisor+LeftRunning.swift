import SupdEngine
import SupdHost
import SupdPlugin

/// What services of kill mode `process` have left running: nobody stops it before the shutdown, but it is told and shown
/// (systemd says "remains running after unit stopped" of it).
extension Supervisor {
    /// An attempt's main process has ended and left these. Told once for each attempt.
    func keepLeftRunning(by instance: InstanceID, _ tree: ProcessTree, _ processes: [Int32]) {
        var left = self.processes.leftRunning[instance] ?? LeftRunning(lookedAt: host.now)
        let isNew = !left.trees.contains { $0.invocation == tree.invocation }
        // In its control group are also those of attempts before it.
        let new = processes.filter { !left.processes.contains($0) }
        if isNew { left.trees.append(tree) }
        left.processes = Set(left.processes + new).sorted()
        self.processes.leftRunning[instance] = left
        // Those that have ended since are not kept for ever, whoever asks.
        if left.trees.count > LeftRunning.treesKeptUnasked { _ = leftRunning(by: instance) }
        guard isNew, !new.isEmpty else { return }
        let name = name(of: instance)
        log.write(
            .warning,
            "\(name) leaves \(self.processes(new.count)) running, as its kill_mode is \"process\": "
                + list(of: new, atMost: 8),
            about: name, kind: .leftBehind)
    }

    /// The living processes of attempts that are over, as of a moment ago.
    func leftRunning(by instance: InstanceID) -> [Int32] {
        guard var left = processes.leftRunning[instance] else { return [] }
        if left.isOld(host.now) {
            left.update(
                host.members(
                    of: left.trees.map { tree in
                        var tree = tree
                        // In the control group there are also those of the attempt that is under way.
                        if roster[instance].running != nil { tree.group = nil }
                        return tree
                    }), now: host.now)
            processes.leftRunning[instance] = left.trees.isEmpty ? nil : left
        }
        return left.processes
    }
}
