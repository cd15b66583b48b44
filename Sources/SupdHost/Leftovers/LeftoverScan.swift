/// Which processes of a machine an earlier daemon has left, told from one look at all of them. A value that decides.
struct LeftoverScan {
    struct Sighting {
        var stat: ProcStat
        var invocation: Invocation?
    }

    /// By their numbers.
    var sightings: [Int32: Sighting]
    /// Never to be touched: the daemon, and what it was started by.
    var spared: Set<Int32>
    /// Those that could not be looked at in time.
    var unread: [ProcStat] = []
    /// Children of the earlier daemon that have not come to their execve(2): they have its memory still.
    var unbegun: [ProcStat] = []
    /// Those that show nothing at the moment, as whoever is in the middle of execve(2).
    var hidden: [ProcStat] = []

    /// The living ones whose mark has the token, or that were noted as leaders and show no mark; those in a session or process group
    /// that one of these leads, or has led; and what is below them all. Each with its instance. None of another daemon's token.
    func leftovers(of token: String, led leaders: [ProcessIdentity: String] = [:])
        -> [(process: ProcStat, instance: String)]
    {
        var instances = [Int32: String]()
        for (pid, sighting) in sightings where !spared.contains(pid) {
            if let invocation = sighting.invocation {
                if invocation.token == token { instances[pid] = invocation.instance }
            } else if let instance = leaders[sighting.stat.identity] {
                instances[pid] = instance
            }
        }
        for (pid, instance) in companions(of: instances, token) { instances[pid] = instance }
        addDescendants(to: &instances, token)
        return instances.compactMap { pid, instance in
            sightings[pid].flatMap { $0.stat.isLiving ? (process: $0.stat, instance: instance) : nil }
        }.sorted { $0.process.pid < $1.process.pid }
    }

    private func mayBelong(_ pid: Int32, _ token: String) -> Bool {
        guard !spared.contains(pid), let sighting = sightings[pid] else { return false }
        return sighting.invocation.map { $0.token == token } ?? true
    }

    /// A session whose leader lives and is not marked is whoever's started the daemon; so is every one that a spared process is in.
    private func companions(of marked: [Int32: String], _ token: String) -> [Int32: String] {
        let foreign = Set(spared.flatMap { pid in sightings[pid].map { [$0.stat.session, $0.stat.group] } ?? [] })
        var named = [Int32: String]()
        for (pid, instance) in marked {
            guard let stat = sightings[pid]?.stat else { continue }
            for number in [stat.session, stat.group] where number > 0 && !foreign.contains(number) {
                if marked[number] != nil || sightings[number] == nil { named[number] = instance }
            }
        }
        var found = [Int32: String]()
        for (pid, sighting) in sightings where marked[pid] == nil && mayBelong(pid, token) {
            if let instance = named[sighting.stat.session] ?? named[sighting.stat.group] { found[pid] = instance }
        }
        return found
    }

    private func addDescendants(to instances: inout [Int32: String], _ token: String) {
        var children = [Int32: [Int32]]()
        for (pid, sighting) in sightings { children[sighting.stat.parent, default: []].append(pid) }
        var waiting = Array(instances.keys)
        while let parent = waiting.popLast() {
            for pid in children[parent] ?? [] where instances[pid] == nil && mayBelong(pid, token) {
                instances[pid] = instances[parent]
                waiting.append(pid)
            }
        }
    }
}

extension LeftoverScan {
    /// So often are the processes listed at most, as on some machines new ones come all the time.
    private static let rounds = 8

    /// The machine as it is now. Whoever holds up a look is left out of it (`ProcessLooks.lookPatiently`), and what takes longer than
    /// until `deadline`. Nil where /proc cannot be read, or there was nothing to look with.
    ///
    /// Who has `childName` is told before its memory is looked at: nobody goes from the one to the other unseen. And it is looked until
    /// nobody is new: whoever was listed may have forked behind the end of the list, and have ended before it was looked at.
    init?(
        _ procfs: ProcFiles, _ looks: ProcessLooks, childName: ChildName, sparing daemon: Int32,
        until deadline: ContinuousClock.Instant
    ) {
        sightings = [:]
        spared = [daemon]
        procfs.lackedMeans = false
        var programs: [ProcStat] = []
        var listed: Set<Int32> = []
        for _ in 0..<Self.rounds {
            guard let pids = procfs.allProcesses() else { return nil }
            let new = pids.filter { listed.insert($0).inserted }
            if new.isEmpty { break }
            programs += look(at: new, procfs, looks, childName, until: deadline)
        }
        if procfs.lackedMeans { return nil }
        var ancestor = sightings[daemon]?.stat.parent ?? 0
        while ancestor > 0, spared.insert(ancestor).inserted { ancestor = sightings[ancestor]?.stat.parent ?? 0 }
        let others = programs.filter { !spared.contains($0.pid) }
        unread = others.filter { looks.isUnread($0) && procfs.mayLive($0.identity) }
        hidden = others.filter { process in
            guard !looks.isUnread(process), looks.mark(of: process) == .hidden else { return false }
            // Whoever was on the way out when he was looked at shows nothing either.
            return procfs.stat(process.pid).map { $0.identity == process.identity && $0.isLiving && !$0.isLeaving }
                ?? false
        }
    }

    /// Answers those that have memory to look at, which threads of the kernel have not.
    private mutating func look(
        at pids: [Int32], _ procfs: ProcFiles, _ looks: ProcessLooks, _ childName: ChildName,
        until deadline: ContinuousClock.Instant
    ) -> [ProcStat] {
        var stats: [ProcStat] = []
        for pid in pids {
            guard let bytes = procfs.read("/proc/\(pid)/stat"), let stat = ProcStat(parsing: bytes) else { continue }
            stats.append(stat)
            if stat.isLiving, childName.isName(in: bytes) { unbegun.append(stat) }
        }
        let programs = stats.filter { $0.isLiving && !$0.isOfKernel }
        looks.lookPatiently(at: programs, until: deadline)
        for stat in stats {
            sightings[stat.pid] = Sighting(
                stat: stat, invocation: looks.invocation(of: stat).flatMap { Invocation($0) })
        }
        return programs
    }
}
