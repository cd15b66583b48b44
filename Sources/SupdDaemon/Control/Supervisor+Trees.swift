import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.tree`: the processes of instances.
extension Supervisor {
    /// So many processes of one instance are shown, and of all that are asked for together.
    static let processesShown = (ofOne: 512, ofAll: 1024)
    /// How long an answer waits for processes that cannot be looked at.
    static let treeLimit = Duration.seconds(1)

    /// Answers with the trees of instances once their processes have been looked at; what holds that up is told as unknown.
    func answerTrees(of instances: [InstanceID], _ request: Request, _ slot: Int, _ work: RequestWork) {
        guard request.id != nil else { return }
        var left = Self.processesShown.ofAll
        var trees: [(tree: ServiceTree, pids: [Int32])] = []
        work.thenEach(instances.count) {
            if $0.fleet.contains(instances[$1]) { trees.append($0.treeSkeleton(of: instances[$1], left: &left)) }
        }
        work.thenOnce { supervisor, _ in supervisor.describe(trees, request, slot) }
    }

    private func describe(_ skeletons: [(tree: ServiceTree, pids: [Int32])], _ request: Request, _ slot: Int) {
        guard let ticket = ticket(request, slot) else { return }
        var trees = skeletons
        host.describe(trees.flatMap(\.pids), within: Self.treeLimit) { [weak self] details in
            guard let self, release(ticket) else { return }
            let byPID = Dictionary(details.map { ($0.pid, $0) }) { first, _ in first }
            for place in trees.indices {
                trees[place].tree.processes = trees[place].pids.compactMap { byPID[$0].map(TreeProcess.init) }
            }
            let all = trees.map(\.tree)
            reply(to: slot, ListReply(ticket.id, "services", count: all.count) { all[$1].encode(into: &$2) })
        }
    }

    private func treeSkeleton(of instance: InstanceID, left: inout Int) -> (tree: ServiceTree, pids: [Int32]) {
        let machine = fleet[instance]
        let tree = processes.tree(of: instance)
        let limit = min(Self.processesShown.ofOne, left)
        let own = tree.map { host.processes(of: $0, atMost: limit) } ?? (pids: [], more: 0)
        let all = Set(own.pids + processes.left.running(by: instance)).sorted()
        let shown = Array(all.prefix(limit))
        left -= shown.count
        let result = ServiceTree(
            name: name(of: instance).description, state: machine.state, pid: machine.pid,
            controlGroup: tree.flatMap(host.controlGroup), processes: [], more: own.more + all.count - shown.count)
        return (result, shown)
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
