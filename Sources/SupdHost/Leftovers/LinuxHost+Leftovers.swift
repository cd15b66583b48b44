internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// What tells this daemon's processes from those of any other control socket's: the token of its control socket, which it shares
    /// with the daemons before it that did not end cleanly; or one of its own.
    package var invocationPrefix: String { controlSockets.first?.record?.token ?? ownToken }

    /// Finds the processes that an earlier daemon of the same control socket has left behind, kills them, and waits until they are
    /// gone, at most `limit`. For the time before the first start, as it waits on the loop's thread.
    ///
    /// Only of one that did not end cleanly: those in the control groups that the file of its lock names as its own, and those with
    /// its mark, or that it has noted as leaders of its trees, by one look at all of /proc that is repeated until it finds none; and
    /// its children that have not begun their programs. A process that cannot be looked at is left alone after a moment, and named.
    package func endLeftovers(within limit: Duration) -> LeftoverReport {
        loop.thread.assertIsCurrent()
        let deadline = LeftoverDeadline(within: limit)
        var found = FoundLeftovers()
        var own: GroupFolder?
        if case .controlGroups(let path) = tracking { own = GroupFolder(path: path) }
        let unclean = controlSockets.compactMap(\.unclean)
        let folders = Set(unclean.compactMap(\.groups)).filter { $0 == own?.path || isBase($0) }.map {
            GroupFolder(path: $0)
        }
        var report = LeftoverReport()
        var leaves: [GroupFolder] = []
        for folder in folders where !killGroups(in: folder, into: &found, &leaves, deadline) { report.isWhole = false }
        var unread: [ProcStat] = []
        for claim in controlSockets {
            guard let record = claim.unclean else { continue }
            let leaders = claim.leadersPath.map(LeadersNote.read) ?? [:]
            let marked = endMarked(record.token, leaders, into: &found, deadline)
            unread += marked.unread
            report.unbegun += marked.unbegun
            report.isWhole = report.isWhole && marked.isWhole
        }
        // Whoever does not end holds up nobody's search, and so is waited for at last.
        for process in found.identities { awaitEnd(of: process, deadline) }
        for leaf in leaves {
            // Those that were born meanwhile have no pidfd here.
            while !leaf.isProvedEmpty, !deadline.hasPassed { deadline.pause() }
            leaf.remove()
        }
        // Whoever was found in a group was found.
        report.unread = Set(unread.filter { !found.contains($0.identity) }).sorted { $0.pid < $1.pid }.map(shown)
        looks.forget()
        for folder in folders where folder != own { folder.remove() }
        let remaining = found.living(procfs)
        lastingLeftovers = remaining.mapValues { $0.map(\.identity) }
        report.leftovers = found.answer(remaining: remaining) { $0.map(self.shown) }
        return report
    }

    /// Only a folder that a daemon has named by itself is emptied on the word of a file.
    private func isBase(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return ControlGroups.isBase(named: name) && !path.contains("/../")
            && GroupFolder(path: path).read("cgroup.procs") != nil
    }

    /// Has all end that are in the groups of `base`, which are added to `leaves`. False where it could not be found out which there are.
    private func killGroups(
        in base: GroupFolder, into found: inout FoundLeftovers, _ leaves: inout [GroupFolder],
        _ deadline: LeftoverDeadline
    ) -> Bool {
        guard let names = base.childNames else { return false }
        var isWhole = true
        // The base of another daemon may be in one that a service manager has delegated.
        for name in names where !ControlGroups.isBase(named: name) {
            let leaf = base.child(name)
            let known = leaf.processes
            isWhole = isWhole && known != nil
            let members = known ?? []
            if members.contains(ownPID) { continue }
            leaves.append(leaf)
            if leaf.isProvedEmpty { continue }
            let processes = members.compactMap { procfs.stat($0) }
            looks.lookPatiently(at: processes, until: deadline.deadline)
            for process in processes {
                // Beside the daemon are the programs of its plugins.
                let isHome = name == ControlGroups.daemonName
                let owner = isHome ? looks.invocation(of: process).flatMap { Invocation($0) }?.instance : nil
                found.add([process], of: owner ?? ControlGroups.instanceName(of: name)) { $0.map(self.shown) }
            }
            leaf.kill()
        }
        return isWhole
    }

    /// What is told of those that were looked for by their marks.
    private struct MarkedLeftovers {
        /// They could not be looked at, or showed nothing, and that not for a moment only.
        var unread: [ProcStat] = []
        var unbegun: [ProcessDetail] = []
        /// A look has found nobody new.
        var isWhole = false
    }

    /// How long those that were killed are waited for before it is looked who else there is: one that the kernel holds has forked all that
    /// it ever will.
    private static let killPause = Duration.milliseconds(200)

    /// Has all end that show the token, and what they have brought forth, until a look finds nobody new.
    private func endMarked(
        _ token: String, _ leaders: [ProcessIdentity: String], into found: inout FoundLeftovers,
        _ deadline: LeftoverDeadline
    ) -> MarkedLeftovers {
        var marked = MarkedLeftovers()
        var tried: Set<ProcessIdentity> = []
        // Since nobody new was found: who shows nothing may be anybody's for so long.
        var doubt: LeftoverDeadline?
        while true {
            let scan = LeftoverScan(
                procfs, looks, childName: ChildName(token: token), sparing: ownPID, until: deadline.deadline)
            guard let scan else {
                // A look that was not made; but where there is no /proc there will be none.
                guard procfs.isThere, !deadline.hasPassed else { return marked }
                deadline.pause()
                continue
            }
            let left = scan.leftovers(of: token, led: leaders)
            for (process, instance) in left { found.add([process], of: instance) { $0.map(self.shown) } }
            let unbegun = scan.unbegun.filter { !found.contains($0.identity) }
            let shown = unbegun.filter { !tried.contains($0.identity) }.map { ($0.identity, self.shown($0)) }
            let new = (left.map(\.process) + unbegun).map(\.identity).filter { !tried.contains($0) }
            var killed: Set<ProcessIdentity> = []
            for process in new {
                guard let isKilled = sendKill(to: process) else { continue }
                tried.insert(process)
                if isKilled { killed.insert(process) }
            }
            marked.unbegun += shown.filter { killed.contains($0.0) }.map(\.1)
            let pause = LeftoverDeadline(within: min(Self.killPause, deadline.left))
            for process in new { awaitEnd(of: process, pause) }
            marked.unread = scan.unread + scan.hidden
            marked.isWhole = new.isEmpty
            if marked.isWhole {
                let end = doubt ?? LeftoverDeadline(within: ProcessLooks.doubtLimit)
                doubt = end
                if marked.unread.isEmpty || end.hasPassed { return marked }
            } else {
                doubt = nil
            }
            if deadline.hasPassed { return marked }
            deadline.pause()
        }
    }

    /// False where it may not be done, and nil where there was nothing to do it with. Who is gone has no need of it.
    private func sendKill(to process: ProcessIdentity) -> Bool? {
        procfs.lackedMeans = false
        let error = withPidfd(of: process) { supd_pidfd_signal($0, SIGKILL) } ?? 0
        if procfs.lackedMeans || ErrorNumber(-error).isWant { return nil }
        return error == 0 || error == -ESRCH
    }

    /// Waits for the end of one process, no longer than the deadline.
    private func awaitEnd(of process: ProcessIdentity, _ deadline: LeftoverDeadline) {
        _ = withPidfd(of: process) { pidfd in
            var entry = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            return poll(&entry, 1, deadline.milliseconds)
        }
    }

    /// The pidfd holds on to whatever process has the number when it is opened; only then is it worth asking who that is. The error of
    /// opening it where there was one, and nil where the process is gone.
    private func withPidfd(of process: ProcessIdentity, _ body: (Int32) -> Int32) -> Int32? {
        let pidfd = supd_pidfd_open_briefly(process.pid)
        guard pidfd >= 0 else { return pidfd }
        defer { supd_close_briefly(pidfd) }
        return procfs.stat(process.pid)?.startTime == process.startTime ? body(pidfd) : nil
    }

    // MARK: What does not end

    /// Refuses to start an instance beside what an earlier daemon has left of it and could not be ended.
    func refuseBesideLeftovers(_ request: SpawnRequest) throws(SpawnFailure) {
        guard !lastingLeftovers.isEmpty, let instance = request.variable("SUPD_INSTANCE") else { return }
        let living = (lastingLeftovers[instance] ?? []).filter { procfs.mayLive($0) }
        guard !living.isEmpty else {
            lastingLeftovers[instance] = nil
            return
        }
        throw SpawnFailure(
            stage: .leftovers, error: ErrorNumber(EBUSY), subject: describe(living.map(\.pid)),
            hint: "an earlier supd has left it, and it does not end on SIGKILL; \(instance) is started once it has")
    }
}
