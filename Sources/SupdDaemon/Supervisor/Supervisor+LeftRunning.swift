import SupdEngine
import SupdHost
import SupdPlugin

/// What services of kill mode `process` have left running: nobody stops it before the shutdown, but it is told and shown
/// (systemd says "remains running after unit stopped" of it).
extension Supervisor {
    /// An attempt's main process has ended and left these. Told once for each attempt.
    func keepLeftRunning(by instance: Int, _ tree: ProcessTree, _ processes: [Int32]) {
        var trees = (leftRunning[instance] ?? []).filter { $0.invocation != tree.invocation }
        let isNew = trees.count == leftRunning[instance]?.count ?? 0
        trees.removeAll { members(of: $0, leftBy: instance).isEmpty }
        leftRunning[instance] = trees + [tree]
        guard isNew else { return }
        let name = instances[instance]
        log.write(
            .warning,
            "\(name) leaves \(self.processes(processes.count)) running, as its kill_mode is \"process\": "
                + list(of: host.details(of: processes), atMost: 8),
            about: name)
    }

    /// The living processes of attempts that are over.
    func leftRunning(by instance: Int) -> [Int32] {
        guard let trees = leftRunning[instance] else { return [] }
        return Set(trees.flatMap { members(of: $0, leftBy: instance) }).sorted()
    }

    private func members(of tree: ProcessTree, leftBy instance: Int) -> [Int32] {
        var tree = tree
        // In the control group there are also those of the attempt that is under way.
        if running[instance] != nil { tree.group = nil }
        return host.members(of: tree)
    }
}
