internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// Starts a program in a process group of its own, and mostly a session, with exactly the descriptors asked for. Answers when the
    /// program has begun (execve(2) has succeeded), or with the step that failed; or, where that takes longer than a moment, that it is
    /// pending.
    ///
    /// Files are read, and the reason of a failure is looked for, by children as well; none is waited for longer than that.
    package func spawn(_ order: SpawnOrder) -> SpawnAnswer {
        loop.thread.assertIsCurrent()
        let id = spawns.nextID()
        let reading = FileReading(order)
        guard reading.isDone(within: spawns.patience) else {
            hasPending()
            spawns.add(id, .reading(reading))
            return .pending(id)
        }
        return begin(order, reading.contents, id, within: spawns.patience)
    }

    /// The turn has no more patience, and the loop looks again soon.
    private func hasPending() {
        spawns.patience = .zero
        spawns.pause = SpawnTable.pauses.first
        loop.lookAtSpawns(after: spawns.pause)
    }

    /// Ends a spawn that is not back: what has no child is dropped, and a child gets SIGKILL. Its end is told as of any other.
    package func takeBack(_ spawn: SpawnID) {
        loop.thread.assertIsCurrent()
        guard let pending = spawns.pending[spawn], let progress = progress(of: spawn) else { return }
        switch pending {
        case .underWay(let child): return child.takeBack()
        case .reading(let reading): if let look = reading.look { giveUp(look) }
        case .examining(let examination): return endExamination(examination, spawn)
        case .binding, .waiting: break
        }
        spawns.remove(spawn)
        spawns.tell(spawn, .failure(progress.failure))
    }

    /// How far a spawn has come; nil where it is back.
    package func progress(of spawn: SpawnID) -> SpawnProgress? {
        loop.thread.assertIsCurrent()
        return switch spawns.pending[spawn] {
        case .reading(let reading)?: SpawnProgress(stage: .environment, subject: "file \(reading.path)", pid: nil)
        case .binding(_, _, let file)?: SpawnProgress(stage: .socket, subject: file.description, pid: nil)
        case .waiting(let request)?: SpawnProgress(stage: .exec, subject: request.candidates.first ?? "", pid: nil)
        case .examining(let examination)?: SpawnProgress(stage: .exec, subject: examination.failure.subject, pid: nil)
        case .underWay(let child)?: child.progress
        case nil: nil
        }
    }

    /// Nobody wants to know any more what becomes of it.
    private func giveUp(_ look: FileLook) {
        look.takeBack()
        spawns.givenUp.append(look)
        hasPending()
    }

    /// Tells a failure of execve(2) with what is known of it by now.
    private func endExamination(_ examination: ExecExamination, _ spawn: SpawnID) {
        if let look = examination.look { giveUp(look) }
        spawns.remove(spawn)
        spawns.tell(spawn, .failure(examination.failure))
    }

    // MARK: Beginning

    private func begin(
        _ order: SpawnOrder, _ contents: SpawnOrder.Contents, _ id: SpawnID, within bound: Duration
    ) -> SpawnAnswer {
        do throws(SpawnFailure) {
            let request = try order.request(contents)
            try refuseBesideLeftovers(request)
            return try begin(request, id, within: bound, nextGroup: order.nextGroup)
        } catch {
            guard error.stage == .socket, error.error == .socketIsUnderWay, let file = lastAwaitedFile else {
                return .ended(.failure(error))
            }
            // Its end wakes the loop; that of a look's time does not.
            if case .look = file { hasPending() }
            spawns.add(id, .binding(order, contents, file))
            return .pending(id)
        }
    }

    private func begin(
        _ request: SpawnRequest, _ id: SpawnID, within bound: Duration, nextGroup: String? = nil
    ) throws(SpawnFailure) -> SpawnAnswer {
        guard let place = try takePlace() else {
            spawns.add(id, .waiting(request))
            return .pending(id)
        }
        let child: ChildSpawn
        do throws(SpawnFailure) {
            child = try begin(request, at: place)
        } catch {
            spawns.giveBack(place)
            throw error
        }
        if let nextGroup { groups.makeAhead(nextGroup) }
        guard child.isBack(within: bound, now: loop.now) else {
            hasPending()
            spawns.add(id, .underWay(child))
            return .pending(id)
        }
        return end(child, id, within: spawns.patience)
    }

    private func takePlace() throws(SpawnFailure) -> SpawnPlace? {
        do {
            return try spawns.takePlace(null: nullDescriptor)
        } catch {
            throw SpawnFailure(stage: .descriptors, error: error.error, subject: error.call)
        }
    }

    private func begin(_ asked: SpawnRequest, at place: SpawnPlace) throws(SpawnFailure) -> ChildSpawn {
        let settings = SpawnSettings(
            asked, identity: identity, inherited: inherited, options: options, oomScore: oomScore(for: asked),
            name: ChildName(token: invocationPrefix))
        var request = asked
        var streams = JournalStreams(&request, from: serviceManager)
        defer { streams.close() }
        try place.arena.fill(request, limit: descriptorLimit, groups: settings.groups)
        let (group, wasUsed) = try makeGroup(of: request)
        do throws(SpawnFailure) {
            let descriptor = try group.map(open) ?? -1
            defer { closeDescriptor(descriptor) }
            let owner = request.uid.flatMap { $0 == identity.uid ? nil : ($0, request.gid ?? identity.gid) }
            let child = try ChildSpawn(
                request, at: place, group: group, again: wasUsed ? asked : nil, owner: owner,
                streams: &streams)
            try child.begin(settings, in: descriptor)
            return child
        } catch {
            // Nothing where another command of the service is in it.
            group?.remove()
            throw error
        }
    }

    /// The score that a child is to have where its request says none; nil where it has that already.
    private func oomScore(for request: SpawnRequest) -> Int32? {
        // That the daemon itself is spared (its unit's OOMScoreAdjust=, or choom(1) since) is not meant for its children.
        guard let own = oomScoreAtStart else { return nil }
        let score = request.staysInSession ? own : max(own, 0)
        return Self.readNumber(oomScoreFile) == score ? nil : score
    }

    // MARK: Ending

    /// What a child has come to that is back. Its place is given to the next. A failure of execve(2) may be pending still, until the
    /// files have said why.
    private func end(_ child: ChildSpawn, _ id: SpawnID, within bound: Duration) -> SpawnAnswer {
        let failed = child.failedCandidate
        let mark = child.place.arena.mark
        let refused = child.refusedByGroup
        let result = child.result()
        spawns.giveBack(child.place)
        // One that is begun again has the same numbers.
        defer { closeUnboundSockets() }
        do throws(SpawnFailure) {
            // The next is a new one.
            if let refused {
                child.group?.remove()
                return try begin(refused, id, within: bound)
            }
            let (pid, pidfd) = try result.get()
            return .ended(.success(try adopt(child, pid: pid, pidfd: pidfd, mark: mark)))
        } catch {
            child.group?.remove()
            guard let failed else { return .ended(.failure(error)) }
            let examination = ExecExamination(error, child.request, failed: failed, now: loop.now)
            if examination.isDone(within: bound) { return .ended(.failure(examination.failure)) }
            hasPending()
            spawns.add(id, .examining(examination))
            return .pending(id)
        }
    }

    /// Takes the new process in.
    private func adopt(_ child: ChildSpawn, pid: Int32, pidfd: Int32, mark: TreeMark) throws(SpawnFailure)
        -> SpawnedProcess
    {
        let (output, errorOutput) = (child.output.reading, child.errorOutput.reading)
        let leadsGroup = !(child.request.staysInSession && options.sharesJob)
        let handle = processes.insert(
            pid: pid, pidfd: pidfd, mark: mark, leadsGroup: leadsGroup, leadsSession: !child.request.staysInSession)
        supd_deadline_keep_process(handle.slot, leadsGroup ? pid : 0, pidfd)
        let watched = loop.watchProcess(pidfd, handle)
        guard watched == 0 else {
            // A process whose end would never be told (epoll out of memory) is no service.
            _ = supd_pidfd_signal(pidfd, SIGKILL)
            supd_deadline_forget_process(handle.slot)
            processes.remove(handle)
            supd_pidfd_collect(pidfd, 5)
            closeDescriptor(output)
            closeDescriptor(errorOutput)
            throw SpawnFailure(stage: .clone, error: ErrorNumber(-watched), subject: "epoll_ctl")
        }
        if child.request.staysInSession {
            terminalHolder = handle
            loop.leavesTerminalSignals = options.sharesJob
        }
        noteLeader(pid, invocation: child.request.variable("SUPD_INVOCATION"))
        if let baseline = child.outOfMemoryBaseline { outOfMemoryBaselines[handle] = baseline }
        return SpawnedProcess(
            handle: handle, pid: pid, output: output < 0 ? nil : loop.open(output, isOutput: true),
            errorOutput: errorOutput < 0 ? nil : loop.open(errorOutput, isOutput: true))
    }

    // MARK: In the loop

    /// Whether there is any that is not told as back, or something that one waits for.
    var waitsForSpawns: Bool {
        spawns.hasChildren || !spawns.told.isEmpty || !awaitedSockets.isEmpty || !awaitedLooks.isEmpty
    }

    /// Tells of the spawns that are back since, and begins what waited for their places.
    func lookAtSpawns(isDue: Bool, into events: inout [HostEvent]) {
        for (id, pending) in spawns.pending {
            switch pending {
            case .underWay(let child) where child.isBack(within: .zero, now: loop.now):
                spawns.remove(id)
                if case .ended(let result) = end(child, id, within: .zero) { spawns.tell(id, result) }
            case .reading(let reading) where reading.isDone(within: .zero):
                spawns.remove(id)
                let answer = begin(reading.order, reading.contents, id, within: .zero)
                if case .ended(let result) = answer { spawns.tell(id, result) }
            case .binding(let order, let contents, let file):
                if isUnderWay(file) { continue }
                spawns.remove(id)
                if case .ended(let result) = begin(order, contents, id, within: .zero) { spawns.tell(id, result) }
            case .examining(let examination)
            where examination.isDone(within: .zero) || examination.deadline <= loop.now:
                endExamination(examination, id)
            case .underWay, .reading, .waiting, .examining: break
            }
        }
        spawns.givenUp.removeAll { $0.isBack(within: .zero) }
        tellAwaitedSockets(into: &events)
        // What nobody waits for any more is not told to who asks next.
        if !spawns.awaitsSockets { awaitedLooks = [:] }
        while let (id, request) = spawns.nextWaiting() {
            do throws(SpawnFailure) {
                if case .ended(let result) = try begin(request, id, within: .zero) { spawns.tell(id, result) }
            } catch {
                spawns.tell(id, .failure(error))
            }
        }
        let told = spawns.takeTold()
        events += told
        if !told.isEmpty, !spawns.hasChildren { loop.leaveSpawnsAlone() }
        guard isDue, spawns.hasChildren else { return }
        // Nothing wakes the loop when one of them is back.
        spawns.pause = min(spawns.pause * 2, SpawnTable.pauses.longest)
        loop.lookAtSpawns(after: spawns.pause)
    }

    /// Closes descriptors that children are given, once no child needs their numbers any more; those that a service has sent through
    /// `sender` beside the loop.
    func closeUnbound(_ descriptors: [Int32], sentThrough sender: Channel? = nil) {
        spawns.unboundSockets += descriptors.map { ($0, sender) }
        closeUnboundSockets()
    }

    private func closeUnboundSockets() {
        guard !spawns.unboundSockets.isEmpty else { return }
        let used = Set(
            spawns.children.flatMap { child in
                let request = child.spawn.request
                return request.sockets.map(\.socket.descriptor)
                    + [request.readyDescriptor?.descriptor.descriptor].compactMap(\.self)
            })
        let unused = spawns.unboundSockets.filter { !used.contains($0.descriptor) }
        spawns.unboundSockets.removeAll { !used.contains($0.descriptor) }
        for (sender, group) in Dictionary(grouping: unused, by: \.sender) {
            close(group.map(\.descriptor), sentThrough: sender)
        }
    }
}
