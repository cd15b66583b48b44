import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.tree`: the processes of instances.
extension ControlDesk {
    /// How long an answer waits for processes that cannot be looked at.
    private static let treeLimit = Duration.seconds(1)

    /// A tree, and the processes that are to be described for it. It has no list of them where it could not be looked at.
    private typealias Skeleton = (tree: ServiceTree, pids: [Int32])

    /// Answers with the trees of instances once their processes have been looked at; what holds that up is told as unknown.
    func answerTrees(_ params: TreeParams, _ request: Request, _ slot: Int) {
        guard request.id != nil else { return }
        select(request, slot, params.selectors, emptyMeansAll: true, atMost: params.atMost) {
            [unowned self] work, instances in
            var left = ProtocolLimits.processesTold
            var trees: [Skeleton] = []
            work.thenEach(instances.count) { [unowned self] place in
                let instance = instances[place]
                if fleet.contains(instance) { trees.append(skeleton(of: instance, left: &left)) }
            }
            work.thenOnce { [unowned self] _ in describe(trees, request, slot) }
        }
    }

    private func describe(_ skeletons: [Skeleton], _ request: Request, _ slot: Int) {
        guard let ticket = server.ticket(request, slot) else { return }
        var trees = skeletons
        host.describe(trees.flatMap(\.pids), within: Self.treeLimit) { [weak self] details, isWhole in
            guard let self, server.release(ticket) else { return }
            let byPID = Dictionary(details.map { ($0.pid, $0) }) { first, _ in first }
            for place in trees.indices {
                let pids = trees[place].pids
                let found = pids.compactMap { byPID[$0].map(TreeProcess.init) }
                if trees[place].tree.processes != nil, isWhole || found.count == pids.count {
                    trees[place].tree.processes = found
                } else {
                    // What some of them use would be told as what all do.
                    trees[place].tree.processes = nil
                    trees[place].tree.more += pids.count
                }
            }
            let all = trees.map(\.tree)
            server.reply(
                to: slot, ListReply(ticket.id, "services", count: all.count) { all[$0].encode(into: &$1) })
        }
    }

    private func skeleton(of instance: InstanceID, left: inout Int) -> Skeleton {
        let machine = fleet[instance]
        let tree = seam.processes.tree(of: instance)
        let limit = min(ProtocolLimits.processesShown, left)
        let own: (pids: [Int32], more: Int)? =
            if let tree { host.processes(of: tree, atMost: limit) } else { (pids: [], more: 0) }
        var pids = Set(own?.pids ?? [])
        pids.formUnion(seam.processes.left.running(by: instance))
        let more = own?.more ?? 0
        // That nothing was seen of it may be as it cannot be looked at.
        if pids.isEmpty, more == 0, let pid = machine.pid { pids.insert(pid) }
        let all = pids.sorted()
        // Some of them would be told as what all do.
        let isLeftNoRoom = limit < ProtocolLimits.processesShown && more + all.count > limit
        let shown = isLeftNoRoom ? [] : Array(all.prefix(limit))
        left -= shown.count
        let result = ServiceTree(
            name: seam.name(of: instance).description, state: machine.state, pid: machine.pid,
            controlGroup: tree.flatMap(host.controlGroup), processes: own == nil || isLeftNoRoom ? nil : [],
            more: more + all.count - shown.count)
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
