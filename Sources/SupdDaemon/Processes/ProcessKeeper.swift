import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The processes that the daemon has started: whose each is, what exists of each instance's latest attempt, which have ended and are not
/// told yet, and whose trees are to be looked at.
final class ProcessKeeper {
    /// Whose a process is.
    enum Owner {
        /// The main process of an instance.
        case main(InstanceID)
        /// What was started as the main process of an instance, and is not that any more (`MAINPID=`).
        case former(InstanceID)
        /// A command of a service, by the number of its run.
        case command(Int)
        /// A program of a plugin, by its number.
        case program(Int)
    }

    private unowned let seam: any ProcessSeam
    private let host: any Host
    private let log: DaemonLog
    /// Spawns that are not back.
    let pending: PendingSpawns
    /// What instances leave behind.
    let left: LeftBehind

    private var owners = IdentityMap<ProcessHandle, Owner>()
    /// What exists of those of which something does.
    private var attempts = IdentityMap<InstanceID, RunningInstance>()
    /// Main processes that were reaped in this turn.
    private var ended: [(instance: InstanceID, attempt: UInt64, outcome: ExitOutcome)] = []
    /// Ends of main processes that are not taken yet, as what they have said last is not: it may be that another is the main one.
    private var withheld: [WithheldEnd] = []
    /// Instances whose trees are to be looked at.
    private var examinations: [InstanceID] = []

    /// None yet.
    init(_ seam: any ProcessSeam) {
        self.seam = seam
        host = seam.host
        log = seam.log
        pending = PendingSpawns(seam)
        left = LeftBehind(seam)
    }

    // MARK: What is asked of it

    /// What exists of an instance's latest attempt; nil where nothing does.
    func running(of instance: InstanceID) -> RunningInstance? { attempts[instance] }

    /// Whether there is anything of an instance.
    func isRunning(_ instance: InstanceID) -> Bool { attempts.contains(instance) }

    /// Those of which something runs.
    var running: [(id: InstanceID, running: RunningInstance)] { attempts.ids.map { ($0, attempts[existing: $0]) } }

    /// The first `limit` of those whose main processes have not ended, as far as that was taken.
    func mains(atMost limit: Int) -> [(id: InstanceID, running: RunningInstance)] {
        var found: [(id: InstanceID, running: RunningInstance)] = []
        for instance in attempts.ids {
            guard found.count < limit else { break }
            let running = attempts[existing: instance]
            if running.pid > 0, !running.isReaped { found.append((instance, running)) }
        }
        return found
    }

    /// Whether anything of a service is left.
    var hasRunning: Bool { attempts.count > 0 }

    /// Whether nothing is known to be left of an instance's main process that has ended, or of an attempt before.
    func hasNothingLeft(by instance: InstanceID) -> Bool {
        left.isEmpty(of: instance) && attempts[instance]?.isReaped != true
    }

    /// The instances that it has anything of, some more than once. For audits.
    var instances: [InstanceID] {
        let mains = owners.ids.compactMap { process in
            if case .main(let instance)? = owners[process] { instance } else { nil }
        }
        return mains + Array(attempts.ids) + withheld.map(\.instance) + ended.map(\.instance) + examinations
            + left.instances
    }

    /// The main process, as long as it is not reaped.
    private func main(of instance: InstanceID) -> ProcessHandle? {
        guard let running = attempts[instance], !running.isReaped, withheldEnd(of: instance) == nil else {
            return nil
        }
        return running.process
    }

    /// The place of the end of the main process, where that is reaped and its end not taken yet.
    private func withheldEnd(of instance: InstanceID) -> Int? {
        withheld.firstIndex { $0.instance == instance && isMain($0) }
    }

    /// Whether it is the end of the main process, and not of one that another has followed meanwhile.
    private func isMain(_ end: WithheldEnd) -> Bool { attempts[end.instance]?.process == end.process }

    /// Until when messages of an instance are waited for, whose main process has ended; nil where it has not.
    func patience(with instance: InstanceID) -> MonotonicInstant? {
        withheld.first { $0.instance == instance }?.until
    }

    private struct WithheldEnd {
        let process: ProcessHandle
        let instance: InstanceID
        let status: ProcessStatus
        let until: MonotonicInstant
        /// What was to be sent to the main process meanwhile.
        var signals: [Signal] = []
    }

    /// What a start of an instance hangs at; nil where it does not.
    func pendingStep(of instance: InstanceID) -> SpawnProgress? {
        attempts[instance]?.spawn.flatMap { host.progress(of: $0) }
    }

    /// What the marks of all processes that this daemon starts begin with.
    private(set) lazy var markPrefix = "\(host.invocationPrefix).\(host.ownPID).\(seam.startedWall.nanoseconds)."

    /// The mark that the processes of an attempt carry in their environment.
    func invocation(of instance: InstanceID, attempt: UInt64) -> String {
        markPrefix + String(attempt) + "." + startedName(of: instance).description
    }

    /// The same as a hash. It is asked for more often than the text is.
    private func mark(of name: String, attempt: UInt64) -> TreeMark {
        var hash = markStart
        hash.add(String(attempt))
        hash.add(".")
        hash.add(name)
        return hash.mark
    }

    private lazy var markStart: MarkHash = {
        var hash = MarkHash()
        hash.add(markPrefix)
        return hash
    }()

    /// The name that an instance's processes were started under, or would be.
    func startedName(of instance: InstanceID) -> InstanceName {
        let name = seam.name(of: instance)
        guard attempts[instance]?.isUnnumbered == true else { return name }
        return InstanceName(service: name.service, index: nil)
    }

    /// The processes of an instance; nil where there are none.
    func tree(of instance: InstanceID) -> ProcessTree? {
        attempts[instance].map { tree(of: instance, $0) }
    }

    private func tree(of instance: InstanceID, _ running: RunningInstance) -> ProcessTree {
        let adopted = running.former == nil || running.isReaped ? [] : [running.pid]
        let name = startedName(of: instance).description
        return ProcessTree(
            leader: running.former?.pid ?? running.pid, mark: mark(of: name, attempt: running.attempt),
            group: name, companions: seam.commands.processes(of: instance) + adopted)
    }

    // MARK: What begins

    /// Whose a process is that has begun, and whose end is to be told him.
    func add(_ process: ProcessHandle, of owner: Owner) { owners[process] = owner }

    /// Notes that there is something of an attempt whose main process is not begun, or never will be: a drain waits for it.
    func hold(_ instance: InstanceID, attempt: UInt64) {
        guard !attempts.contains(instance) else { return }
        let name = seam.name(of: instance)
        attempts[instance] = RunningInstance(
            attempt: attempt, process: nil, pid: 0, isReaped: true, isUnnumbered: name.index == nil,
            task: register(name))
    }

    /// The spawn of an attempt's program is not back.
    func hold(_ instance: InstanceID, attempt: UInt64, for spawn: SpawnID) {
        pending.watch(spawn, .main(instance, attempt: attempt))
        hold(instance, attempt: attempt)
        attempts[existing: instance].spawn = spawn
    }

    /// It is.
    func spawnIsBack(of instance: InstanceID) { attempts[instance]?.spawn = nil }

    /// The main process of an attempt has begun under this name.
    func begin(_ instance: InstanceID, _ name: InstanceName, attempt: UInt64, _ process: SpawnedProcess) {
        let before = attempts[instance]
        attempts[instance] = RunningInstance(
            attempt: attempt, process: process.handle, pid: process.pid,
            // It may have been scaled while the spawn was not back.
            isUnnumbered: before?.isUnnumbered ?? (name.index == nil), task: before?.task ?? register(name))
        add(process.handle, of: .main(instance))
    }

    private func register(_ name: InstanceName) -> TaskID? {
        try? seam.drain.tasks.register(TaskTitle("service", of: name), kind: .service, phase: .services)
    }

    // MARK: Signals

    /// False where the main process is gone.
    @discardableResult
    func signalMain(of instance: InstanceID, _ signal: Signal) -> Bool {
        if let place = withheldEnd(of: instance) {
            withheld[place].signals.append(signal)
            return true
        }
        guard let process = main(of: instance) else { return false }
        return host.signal(process, signal)
    }

    func signalGroup(of instance: InstanceID, _ signal: Signal) {
        if withheldEnd(of: instance) != nil { return signalTree(of: instance, signal) }
        guard let running = attempts[instance], let process = main(of: instance) else { return }
        host.signalGroup(process, of: tree(of: instance, running), signal)
    }

    func signalTree(of instance: InstanceID, _ signal: Signal) {
        if let tree = tree(of: instance) { host.signalTree(tree, signal) }
    }

    /// The daemon was continued, and what it runs in its own place goes on with it.
    func continueMain(of instance: InstanceID) {
        if let process = main(of: instance) { host.continueJob(process, after: nil) }
    }

    /// Sends what ends a start that is not back. False where it is.
    func takeBackSpawn(of instance: InstanceID) -> Bool {
        guard let spawn = attempts[instance]?.spawn else { return false }
        host.takeBack(spawn)
        return true
    }

    // MARK: What ends

    /// Collects a process that has ended. Of a main process the fleet is told after the turn's other events, with its like.
    func reap(_ process: ProcessHandle) {
        guard let owner = owners[process], let status = host.reap(process) else { return }
        owners[process] = nil
        switch owner {
        case .main(let instance):
            seam.notices.readLast(of: instance)
            if seam.notices.holds(of: instance) {
                let until = host.now.advanced(by: NoticeReader.patience)
                return withheld.append(
                    WithheldEnd(process: process, instance: instance, status: status, until: until))
            }
            mainEnded(process, of: instance, status)
        case .former(let instance): formerMainEnded(process, of: instance)
        case .command(let number): seam.commands.ended(number, ExitOutcome(status))
        case .program(let number): seam.plugins.programs.ended(number, ExitOutcome(status))
        }
    }

    /// A main process is reaped, and what it has said is taken. That may have been that another is the main one.
    private func mainEnded(_ process: ProcessHandle, of instance: InstanceID, _ status: ProcessStatus) {
        guard let running = attempts[instance], running.process == process else {
            return formerMainEnded(process, of: instance)
        }
        attempts[existing: instance].isReaped = true
        ended.append((instance, running.attempt, ExitOutcome(status)))
    }

    /// Takes the ends that were withheld for what is taken now.
    func takeWithheld() {
        let waiting = withheld
        withheld = []
        for end in waiting {
            if seam.notices.holds(of: end.instance), isMain(end) {
                withheld.append(end)
                continue
            }
            owners[end.process] = nil
            mainEnded(end.process, of: end.instance, end.status)
            for signal in end.signals { signalMain(of: end.instance, signal) }
        }
    }

    /// Whether main processes were reaped of which the fleet was not told.
    var hasEnded: Bool { !ended.isEmpty }

    /// Tells the fleet of them.
    func handEnded() {
        let told = ended
        ended.removeAll(keepingCapacity: true)
        for (instance, attempt, outcome) in told {
            seam.logExit(of: instance, outcome)
            seam.act { $0.handle(.exited(attempt: attempt, outcome), of: instance, now: $1, random: $2, into: &$3) }
        }
    }

    /// The instance's tree is proved gone: what the daemon held of it is let go.
    func release(_ instance: InstanceID) {
        seam.notices.readiness.end(of: instance)
        guard let running = attempts[instance], let tree = tree(of: instance) else { return }
        seam.notices.sumUp(of: instance)
        attempts[instance] = nil
        if let process = running.process { owners[process] = nil }
        host.release(tree, isEnding: seam.drain.exits)
        if let task = seam.logs.finish(instance) { seam.drain.tasks.complete(task) }
        if let task = running.task { seam.drain.tasks.complete(task) }
    }

    // MARK: What is to be looked at

    /// Whether there are trees to be looked at.
    var hasExaminations: Bool { !examinations.isEmpty }

    /// Has an instance's tree be looked at before the turn ends.
    func examine(_ instance: InstanceID) { examinations.append(instance) }

    /// The same where its main process has ended: something else of it has, too.
    func examineIfReaped(_ instance: InstanceID) {
        if attempts[instance]?.isReaped == true { examine(instance) }
    }

    /// Looks what is left of the trees whose main processes have ended.
    func examineTrees() {
        let asked = examinations
        examinations.removeAll(keepingCapacity: true)
        for instance in asked where seam.fleet.contains(instance) && !seam.commands.errands.beginsOnceEmpty(instance) {
            look(at: instance)
        }
    }

    private func look(at instance: InstanceID) {
        // Looked at in its place: a copy of a machine counts up a dozen references.
        let killMode = seam.fleet[instance].settings.killMode
        var look = TreeLook(members: [])
        if let tree = tree(of: instance) {
            guard attempts[existing: instance].isReaped else { return }
            // What this kill mode leaves alone is not a command: that one's end brings another look.
            if killMode == .process, !tree.companions.isEmpty { return }
            look = host.look(at: tree, isEnding: seam.drain.exits)
            // A child on its way to its program shows no mark of its own.
            look.members += pending.children(of: instance).filter { !look.members.contains($0) }
            note(left: look.members, of: instance)
            // Not all could be looked at, and that proves nothing: there is another look soon, and until then nothing follows from it.
            if !look.isWhole, look.members.isEmpty && killMode != .process || isYoung(instance) { return }
            if !look.members.isEmpty { left.tell(by: instance, tree, look.members) }
        }
        let attempt = attempts[instance]?.attempt ?? seam.fleet[instance].attempt
        seam.act {
            $0.handle(
                .treeExamined(attempt: attempt, remaining: look.members.count), of: instance, now: $1, random: $2,
                into: &$3)
        }
    }

    /// Whether the main process of a tree has ended a moment ago: what it has left is told once, and all of it.
    private func isYoung(_ instance: InstanceID) -> Bool {
        let machine = seam.fleet[instance]
        guard let exit = machine.lastExit, exit.attempt == machine.attempt else { return false }
        return host.now < machine.lastExitAt.advanced(by: Self.doubtLimit)
    }

    /// So long may a process that cannot be looked at be anybody's, and a moment more.
    private static let doubtLimit = Duration.milliseconds(1_200)

    /// What was left of an instance's tree when it was looked at.
    func note(left: [Int32], of instance: InstanceID) { attempts[instance]?.left = left }

    /// Adopted processes have ended: a tree that waited for them may be empty now.
    func examineUnfinishedTrees() {
        left.mayHaveChanged()
        for instance in attempts.ids { examineIfReaped(instance) }
    }
}

// MARK: - Another main process

extension ProcessKeeper {
    /// Another process of a service becomes its main one (`MAINPID=`, sd_notify(3)): that of a program that has put itself into the
    /// background, or has put its successor into its place. Its end is that of the service from then on, and the end of the former one is
    /// nobody's affair; the tree stays one, and is gone when all of it is.
    func exchangeMain(of instance: InstanceID, for pid: Int32) -> MainExchange {
        guard let running = attempts[instance], let tree = tree(of: instance), pid != running.pid else { return .done }
        guard let before = running.process, !running.isReaped else { return .refused("its main process has ended") }
        let process: ProcessHandle
        if let former = running.former?.process, running.former?.pid == pid {
            process = former
        } else {
            switch host.adopt(pid, of: tree, invocation: invocation(of: instance, attempt: running.attempt)) {
            case .adopted(let adopted): process = adopted
            case .refused: return .refused("process \(pid) is none of the service, one of its commands, or gone")
            case .unclear: return .unclear
            }
        }
        attempts[existing: instance].process = process
        attempts[existing: instance].pid = pid
        owners[process] = .main(instance)
        if let former = running.former {
            // What was started itself is never let go of: only its parent can collect it.
            host.letGo(before)
            owners[before] = nil
            if former.pid == pid { attempts[existing: instance].former = nil }
        } else {
            attempts[existing: instance].former = RunningInstance.FormerMain(process: before, pid: running.pid)
            owners[before] = .former(instance)
        }
        seam.logs.note(successor: pid, of: running.former?.pid ?? running.pid, instance)
        let name = seam.name(of: instance)
        // Who changes it a thousand times a second is not to fill the log.
        log.write(
            running.former == nil ? .info : .debug,
            "\(name) says that its main process is \(pid) from now on, and \(running.pid) is not", about: name)
        seam.act {
            $0.handle(
                .notified(attempt: running.attempt, .mainProcess(pid)), of: instance, now: $1, random: $2, into: &$3)
        }
        seam.noteChange()
        return .done
    }

    /// What was started as the main process is reaped, after another has taken its place: that is no end of the service.
    private func formerMainEnded(_ process: ProcessHandle, of instance: InstanceID) {
        if let former = attempts[instance]?.former, former.process == process {
            attempts[existing: instance].former?.process = nil
            log.debug("\(seam.name(of: instance)): process \(former.pid), which it had begun with, has ended")
        }
        // What waits for its tree to be empty may have waited for this one.
        examineUnfinishedTrees()
    }
}

/// What comes of `ProcessKeeper.exchangeMain`.
enum MainExchange {
    /// The process is the main one.
    case done
    /// It cannot be, for this.
    case refused(String)
    /// Whether it is of the service cannot be seen yet.
    case unclear
}

extension ExitOutcome {
    init(_ status: ProcessStatus) {
        self =
            switch status {
            case .exited(let code): .exited(code: code)
            case .signaled(let signal, let coreDumped): .signaled(signal, coreDumped: coreDumped)
            case .outOfMemory: .outOfMemory
            case .unknown: .unknown
            }
    }
}
