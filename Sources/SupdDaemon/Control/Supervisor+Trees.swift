import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.tree`: the processes of instances.
extension Supervisor {
    func serviceTree(of instance: Int) -> ServiceTree {
        let machine = fleet.machines[instance]
        let tree = tree(of: instance)
        let processes = host.details(of: Set((tree.map(host.members) ?? []) + leftRunning(by: instance)).sorted())
        return ServiceTree(
            name: instances[instance].description, state: machine.state, pid: machine.pid,
            controlGroup: tree.flatMap(host.controlGroup), processes: processes.map(TreeProcess.init))
    }

    /// How processes are told apart, for `supervisor.status`.
    var processTracking: ProcessTrackingStatus {
        switch host.tracking {
        case .controlGroups(let path): .controlGroups(path)
        case .descent(let reason): .descent(reason)
        }
    }
}

extension TreeProcess {
    init(_ process: ProcessDetail) {
        self.init(
            pid: process.pid, parent: process.parent, command: process.command, state: String(process.state),
            processorTime: process.processorTime, residentBytes: process.residentBytes, age: process.age)
    }
}
