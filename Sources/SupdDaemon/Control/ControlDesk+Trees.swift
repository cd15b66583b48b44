import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.tree`: the processes of instances.
extension ControlDesk {
    /// So many processes of one instance are shown, and of all that are asked for together.
    private static let processesShown = (ofOne: 512, ofAll: 1024)
    /// How long an answer waits for processes that cannot be looked at.
    private static let treeLimit = Duration.seconds(1)

    /// Answers with the trees of instances once their processes have been looked at; what holds that up is told as unknown.
    func answerTrees(_ selection: ServiceSelection, _ request: Request, _ slot: Int) {
        guard request.id != nil else { return }
        select(request, slot, selection.selectors, emptyMeansAll: true) { [unowned self] work, instances in
            var left = Self.processesShown.ofAll
            var trees: [(tree: ServiceTree, pids: [Int32])] = []
            work.thenEach(instances.count) { [unowned self] place in
                let instance = instances[place]
                if seam.fleet.contains(instance) { trees.append(skeleton(of: instance, left: &left)) }
            }
            work.thenOnce { [unowned self] _ in describe(trees, request, slot) }
        }
    }

    private func describe(_ skeletons: [(tree: ServiceTree, pids: [Int32])], _ request: Request, _ slot: Int) {
        guard let ticket = server.ticket(request, slot) else { return }
        var trees = skeletons
        seam.host.describe(trees.flatMap(\.pids), within: Self.treeLimit) { [weak self] details in
            guard let self, server.release(ticket) else { return }
            let byPID = Dictionary(details.map { ($0.pid, $0) }) { first, _ in first }
            for place in trees.indices {
                trees[place].tree.processes = trees[place].pids.compactMap { byPID[$0].map(TreeProcess.init) }
            }
            let all = trees.map(\.tree)
            server.reply(
                to: slot, ListReply(ticket.id, "services", count: all.count) { all[$0].encode(into: &$1) })
        }
    }

    private func skeleton(of instance: InstanceID, left: inout Int) -> (tree: ServiceTree, pids: [Int32]) {
        let machine = seam.fleet[instance]
        let tree = seam.processes.tree(of: instance)
        let host = seam.host
        let limit = min(Self.processesShown.ofOne, left)
        let own = tree.map { host.processes(of: $0, atMost: limit) } ?? (pids: [], more: 0)
        let all = Set(own.pids + seam.processes.left.running(by: instance)).sorted()
        let shown = Array(all.prefix(limit))
        left -= shown.count
        let result = ServiceTree(
            name: seam.name(of: instance).description, state: machine.state, pid: machine.pid,
            controlGroup: tree.flatMap(host.controlGroup), processes: [], more: own.more + all.count - shown.count)
        return (result, shown)
    }
}

extension ProcessTrackingStatus {
    init(_ tracking: ProcessTracking) {
        switch tracking {
        case .controlGroups(let path): self = .controlGroups(path)
        case .descent(let reason): self = .descent(reason)
        case .processGroups: self = .descent("there is no /proc, so that only their process groups are known")
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
