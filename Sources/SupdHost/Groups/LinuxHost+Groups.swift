internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Trees by their control groups, where the daemon has some.
extension LinuxHost {
    /// Whether there are control groups, looked for once.
    enum GroupState {
        case unknown
        case there(ControlGroups)
        case none(String)
    }

    /// The daemon's groups, made at the first call; nil where there are none.
    var groups: ControlGroups? {
        if case .unknown = groupState { findGroups() }
        guard case .there(let groups) = groupState else { return nil }
        return groups
    }

    private func findGroups() {
        guard options.usesControlGroups else { return groupState = .none("control_groups is \"off\"") }
        do throws(ControlGroups.Refusal) {
            let found = try ControlGroups(at: .find(), token: invocationPrefix)
            groupState = .there(found)
            if found.isOwnMaking, !controlSockets.isEmpty { controlSockets[0].note(group: found.base.path) }
        } catch {
            groupState = .none(error.reason)
        }
    }

    /// How trees are told apart.
    public var tracking: ProcessTracking {
        if let groups { return .controlGroups(groups.base.path) }
        guard case .none(let reason) = groupState else { return .descent("") }
        return .descent(reason)
    }

    /// The group of a tree, where it has one.
    func group(of tree: ProcessTree) -> ControlGroup? {
        guard let name = tree.group, let groups else { return nil }
        let leaf = groups.leaf(name)
        return access(leaf.path, F_OK) == 0 ? leaf : nil
    }

    /// The folder of a tree's control group; nil where it has none.
    public func controlGroup(of tree: ProcessTree) -> String? { group(of: tree)?.path }

    /// The descriptor of a request's group, -1 where it is to have none.
    func prepareGroup(_ request: ControlGroupRequest?) throws(SpawnFailure) -> Int32 {
        guard let request else { return -1 }
        if let groups { return try groups.prepare(request) }
        guard let control = request.controls.first, case .none(let reason) = groupState else { return -1 }
        throw SpawnFailure(
            stage: .resources, error: ErrorNumber(ENOTSUP), subject: control.key,
            hint: "limits need a control group: \(reason)")
    }

    /// The living processes of a group. Where it says that it has some and shows none, they are on their way out.
    func members(of group: ControlGroup) -> [Int32] {
        guard group.isPopulated == true else { return [] }
        let processes = group.processes()
        guard processes.isEmpty else { return processes }
        guard group.isPopulated == true else { return [] }
        loop.tellToLookAgain()
        return [0]
    }

    /// Sends a signal to every process of a group.
    func signal(_ group: ControlGroup, _ signal: Signal) {
        if signal == .kill, groups?.kill(group) == true { return }
        // A fork that the look at the processes has missed is found by the next; only SIGKILL is sent until none are left.
        for _ in 0..<(signal == .kill ? Self.killRounds : 1) {
            let processes = group.processes()
            if processes.isEmpty { return }
            for pid in processes { send(signal, to: pid, in: group) }
        }
    }

    /// The pidfd holds on to whatever process has the number when it is opened; only then is it worth asking whose that is.
    private func send(_ signal: Signal, to pid: Int32, in group: ControlGroup) {
        if let main = processes[pid: pid] {
            _ = supd_pidfd_signal(main.pidfd, signal.rawValue)
            return
        }
        let pidfd = supd_pidfd_open(pid)
        guard pidfd >= 0 else { return }
        defer { closeDescriptor(pidfd) }
        guard group.contains(pid) else { return }
        _ = supd_pidfd_signal(pidfd, signal.rawValue)
    }

    /// Removes the control group of a tree that is proved gone.
    public func release(_ tree: ProcessTree) {
        if let group = group(of: tree) { group.remove() }
    }

    // MARK: Out of memory

    /// Remembers how often the kernel has killed in a process's group, where anything counts that.
    func noteMemory(of process: ProcessHandle, _ request: ControlGroupRequest?) {
        guard let request, let leaf = groups?.leaf(request.name), let kills = leaf.outOfMemoryKills else { return }
        memoryWatches[process] = MemoryWatch(group: leaf, kills: kills)
    }

    /// Whether a process that ended by SIGKILL was killed for want of memory. A second call answers false.
    func endedForWantOfMemory(_ process: ProcessHandle) -> Bool {
        guard let watch = memoryWatches.removeValue(forKey: process) else { return false }
        return (watch.group.outOfMemoryKills ?? 0) > watch.kills
    }

    struct MemoryWatch {
        var group: ControlGroup
        var kills: Int
    }
}
