import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdSystemd

/// What services say of themselves through their notification sockets (sd_notify(3)): taken, believed or not, and what follows.
final class NoticeReader {
    /// So many messages of one service are taken in a turn: whoever floods holds up nobody but himself.
    private static let noticesPerTurn = 32
    /// So many more are taken of one whose main process has ended.
    private static let lastNotices = 256

    /// The socket of one instance, and what it has said.
    private struct Instance {
        let socket: NoticeSocket
        /// Who may send to it; nil for the daemon's own user.
        let user: UInt32?
        /// The attempt that the following is of.
        var attempt: UInt64 = 0
        /// Its own words on how it is; empty where it has none. And when they were last in the log.
        var status = ""
        var toldAt: MonotonicInstant?
        /// Whether it has said that it is on its way down.
        var isStopping = false
        /// Messages of this attempt that were not taken.
        var refused = 0
        /// The message that comes next, where it cannot be seen yet whether it is true.
        var held: Held?
    }

    /// A message that waits, and those after it do as well.
    private struct Held {
        let notice: ReceivedNotice
        /// What cannot be seen then is not believed.
        let until: MonotonicInstant
    }

    /// So long does one wait at most, and the end of a main process for all of them.
    static let patience = Duration.seconds(2)

    private unowned let seam: any NoticeSeam
    private let host: any Host
    private let log: DaemonLog
    private var instances = IdentityMap<InstanceID, Instance>() { didSet { changes += 1 } }
    /// How often anything of them has changed.
    private var changes: UInt64 = 0
    /// What has to come true before instances are up.
    let readiness: Readiness
    /// Reloads by signal.
    let reloads: SignalReloads
    /// What services have had kept for their next start.
    let store: DescriptorStore

    /// One that has heard nobody.
    init(_ seam: any NoticeSeam) {
        self.seam = seam
        host = seam.host
        log = seam.log
        readiness = Readiness(seam)
        reloads = SignalReloads(seam)
        store = DescriptorStore(seam)
    }

    // MARK: Sockets

    /// What a start of a service's program, or of a command of it, is told of its notification socket; nil where it has none. The socket is made
    /// for the first start, and stays as long as the instance does.
    func path(of instance: InstanceID, isMain: Bool) throws(SpawnFailure) -> String? {
        let definition = seam.definition(of: instance)
        switch definition.conduct.notifyAccess {
        case .none: return nil
        case .main where !isMain: return nil
        case .main, .exec, .all: break
        }
        let user = definition.conduct.identity?.uid
        let known = instances[instance]
        if let known, known.user == user, host.isInPlace(known.socket) { return known.socket.path }
        // Where only its file is gone, what is kept stays.
        if let known, known.user != user { store.drop(of: instance) }
        closeSocket(of: instance)
        switch host.openNotices(for: user) {
        case .success(let socket):
            instances[instance] = Instance(socket: socket, user: user)
            store.move(to: socket, of: instance)
            seam.channels[socket.channel] = .notices(instance)
            return socket.path
        case .failure(let error):
            store.drop(of: instance)
            throw SpawnFailure(stage: .socket, error: error, subject: "its notification socket")
        }
    }

    /// What services have had kept by an earlier daemon, and that by the service manager, is theirs at their first start. What is for nobody now is
    /// closed.
    func takeBack(_ kept: [(name: StoredName, socket: HandedOverSocket)]) {
        for (name, given) in kept where !takeBack(given.socket, name) {
            log.info(
                "the service manager has kept a descriptor for \(name.owner), which has no use for it: it is closed")
            seam.managerStore.letGo(given.socket)
            host.drop(given.socket)
        }
    }

    private func takeBack(_ descriptor: BoundSocket, _ name: StoredName) -> Bool {
        guard case .descriptor(let user, let label, let polls) = name.kind,
            let instance = seam.instance(named: name.owner)
        else { return false }
        let conduct = seam.definition(of: instance).conduct
        guard conduct.enabled, conduct.identity?.uid == user,
            case .success(_?) = Result(catching: { () throws(SpawnFailure) in try path(of: instance, isMain: true) }),
            let socket = instances[instance]?.socket
        else { return false }
        return store.takeBack(descriptor, label, polls: polls, of: instance, through: socket)
    }

    /// A new attempt has begun: what the one before has said is over, but for what it has had kept.
    func begin(_ instance: InstanceID, attempt: UInt64) {
        readiness.forget(instance)
        guard let known = instances[instance] else { return }
        dropHeld(of: instance)
        host.watch(known.socket.channel, readable: true, writable: false)
        var fresh = Instance(socket: known.socket, user: known.user, attempt: attempt)
        fresh.toldAt = known.toldAt
        instances[instance] = fresh
    }

    /// An instance is not wanted up any more, or cannot be: what it has had kept goes.
    func closeUnused(of instance: InstanceID) {
        guard instances.contains(instance), seam.fleet[instance].isAtRest else { return }
        store.drop(of: instance, goesOn: seam.drain.exits)
        // It was scaled away.
        let fleet = seam.fleet
        if !fleet.instances(of: fleet.service(of: instance)).contains(instance) { close(instance) }
    }

    /// There is no such instance any more.
    func close(_ instance: InstanceID) {
        store.drop(of: instance)
        closeSocket(of: instance)
    }

    private func closeSocket(of instance: InstanceID) {
        guard let closed = instances[instance]?.socket else { return }
        dropHeld(of: instance)
        instances[instance] = nil
        seam.channels[closed.channel] = nil
        host.closeNotices(closed)
    }

    // MARK: Messages

    /// There is something to read. What is left after a turn's share is read in the next. A program may speak before its spawn is back, and who it
    /// is, is known then.
    func read(of instance: InstanceID) {
        guard let socket = instances[instance]?.socket else { return }
        if seam.fleet[instance].spawnIsPending { return host.watch(socket.channel, readable: false, writable: false) }
        take(of: instance, atMost: Self.noticesPerTurn)
    }

    /// The main process has ended: what it said before counts.
    func readLast(of instance: InstanceID) { take(of: instance, atMost: Self.lastNotices) }

    /// Whether a message of an instance waits until it can be seen whether it is true.
    func holds(of instance: InstanceID) -> Bool { instances[instance]?.held != nil }

    /// It may be time for messages that wait, and for the ends of main processes that wait for these.
    func takeHeld() {
        // One may take another away. And what a program that begins has said is taken once it is known who that is.
        for instance in instances.ids
        where holds(of: instance) && seam.fleet.contains(instance) && !seam.fleet[instance].spawnIsPending {
            take(of: instance, atMost: Self.noticesPerTurn)
        }
        seam.processes.takeWithheld()
    }

    private func dropHeld(of instance: InstanceID) {
        guard let known = instances[instance], let held = known.held else { return }
        instances[instance]?.held = nil
        host.drop(held.notice.descriptors, of: known.socket)
    }

    private func take(of instance: InstanceID, atMost limit: Int) {
        guard let known = instances[instance] else { return }
        var held = known.held
        // It is nobody else's any more, whatever it leads to.
        if held != nil { instances[instance]?.held = nil }
        for _ in 0..<limit {
            guard let notice = held?.notice ?? host.nextNotice(known.socket) else { break }
            let until = held?.until ?? host.now.advanced(by: Self.patience)
            held = nil
            let isPatient = host.now < min(until, seam.processes.patience(with: instance) ?? until)
            guard take(notice, of: instance, known.socket, isPatient: isPatient) else {
                instances[instance]?.held = Held(notice: notice, until: until)
                return host.watch(known.socket.channel, readable: false, writable: false)
            }
            // What it says may have taken it away.
            guard seam.fleet.contains(instance) else { return }
        }
        guard known.held != nil, let socket = instances[instance]?.socket else { return }
        host.watch(socket.channel, readable: true, writable: false)
    }

    /// What is thought of a message.
    private enum Belief {
        /// It is followed, but for what is objected to.
        case believed(NoticeMessage, objection: String? = nil)
        /// It is not taken, for this.
        case refused(String)
        /// That cannot be seen yet; the other is what it comes to where it is not waited for.
        indirect case unclear(orElse: Belief)
    }

    /// False where it cannot be seen yet whether it is true: nothing has come of it, and it is the receiver's still.
    private func take(
        _ notice: ReceivedNotice, of instance: InstanceID, _ socket: NoticeSocket, isPatient: Bool
    ) -> Bool {
        // systemd-notify(1) asks by a process of its own whether what it has said was taken in; and whoever does learns nothing else.
        let isBarrier = NoticeMessage.isBarrier(notice.bytes)
        var belief = isBarrier ? nil : exchangeMain(of: instance, by: belief(in: notice, of: instance))
        if case .unclear(let other) = belief {
            if isPatient { return false }
            belief = other
        }
        var rest = notice.descriptors
        // A descriptor that is not kept is a barrier that is passed by this (sd_notify_barrier(3)), or nothing that was asked for.
        defer { host.drop(rest, of: socket) }
        if notice.hasLost { refuse("descriptors that came with it are lost, for supd has no more left", of: instance) }
        switch belief {
        case .refused(let problem): refuse(problem, of: instance)
        case .believed(let message, let objection):
            if let objection { refuse(objection, of: instance) }
            let problem = store.take(&rest, message, of: instance, through: socket)
            if let problem { refuse(problem, of: instance) }
            follow(message, of: instance)
        case .unclear, nil: break
        }
        return true
    }

    /// Has another process be the main one, where a message that is believed says so.
    private func exchangeMain(of instance: InstanceID, by belief: Belief) -> Belief {
        guard case .believed(let message, _) = belief, let process = message.mainProcess else { return belief }
        func objected(_ problem: String) -> Belief {
            .believed(message, objection: "MAINPID=\(process) is not followed: \(problem)")
        }
        switch seam.processes.exchangeMain(of: instance, for: process) {
        case .done: return belief
        case .refused(let problem): return objected(problem)
        case .unclear: return .unclear(orElse: objected("whose process \(process) is could not be seen"))
        }
    }

    private func belief(in notice: ReceivedNotice, of instance: InstanceID) -> Belief {
        if notice.isCut || notice.bytes.isEmpty {
            return .refused("it has \(notice.isCut ? "more than \(ReceivedNotice.longest) bytes" : "no text")")
        }
        guard let running = seam.processes.running(of: instance), let tree = seam.processes.tree(of: instance) else {
            return .refused("nothing of the service runs")
        }
        let access = seam.definition(of: instance).conduct.notifyAccess
        func believed() -> Belief { .believed(NoticeMessage(notice.bytes)) }
        if running.pid == notice.sender, access != .none { return believed() }
        // systemd-notify(1) speaks for its parent, which of a command of its own is supd. Only who is privileged on this machine can name
        // another process than itself (unix(7), SCM_CREDENTIALS), and supd sends to no service.
        let isOfSupd = notice.sender == host.ownPID
        let isHeard: Bool
        switch access {
        case .none, .main: isHeard = false
        case .exec: isHeard = isOfSupd || seam.commands.processes(of: instance).contains(notice.sender)
        case .all:
            let membership = isOfSupd ? .member : host.membership(of: notice.sender, in: tree)
            if membership == .unclear {
                return .unclear(orElse: .refused("whose process \(notice.sender) is could not be seen"))
            }
            isHeard = membership == .member
        }
        guard !isHeard else { return believed() }
        let what =
            access == .main
            ? "is not its main process \(running.pid): its notify_access is \"main\", and \"all\" takes every process of the service"
            : "is none that its notify_access of \"\(access.rawValue)\" takes, or had ended before that could be seen"
        return .refused("process \(notice.sender) \(what)")
    }

    /// Told once an attempt, and counted.
    private func refuse(_ problem: String, of instance: InstanceID) {
        guard let refused = instances[instance]?.refused else { return }
        instances[instance]?.refused = refused + 1
        guard refused == 0 else { return }
        let name = seam.name(of: instance)
        log.write(
            .warning, "a message to the notification socket of \(name) was not followed: \(problem)", about: name,
            kind: .noticeRefused)
    }

    /// An attempt is over: how many of its messages were not followed, where that is more than was told.
    func sumUp(of instance: InstanceID) {
        guard let refused = instances[instance]?.refused, refused > 1 else { return }
        instances[instance]?.refused = 0
        let name = seam.name(of: instance)
        log.write(
            .warning, "\(refused) messages to the notification socket of \(name) were not followed in all", about: name,
            kind: .noticeRefused)
    }

    /// Does what a message says.
    private func follow(_ message: NoticeMessage, of instance: InstanceID) {
        let (name, attempt) = (seam.name(of: instance), seam.processes.running(of: instance)?.attempt ?? 0)
        func handle(_ event: ServiceEvent) {
            seam.act { $0.handle(event, of: instance, now: $1, random: $2, into: &$3) }
        }
        if let status = message.status { note(status: status, of: instance) }
        if let error = message.error, error != 0 {
            log.write(
                .warning, "\(name) says that it has failed with \(ErrorNumber(error))", about: name, kind: .complained)
        }
        if let status = message.exitStatus {
            log.write(.info, "\(name) says that it exits with \(status)", about: name)
        }
        if message.isStopping, instances[instance]?.isStopping == false {
            instances[instance]?.isStopping = true
            seam.noteChange()
            log.write(.info, "\(name) says that it stops", about: name)
        }
        if let limit = message.watchdog { handle(.notified(attempt: attempt, .watchdog(every: limit))) }
        if let time = message.needsTime { handle(.notified(attempt: attempt, .needsTime(time))) }
        if message.isAlive { handle(.notified(attempt: attempt, .alive)) }
        if message.isReloading { reloads.began(instance, at: message.time) }
        if message.isReady {
            reloads.finish(instance)
            readiness.meet(.notice, of: instance, attempt: attempt)
        }
        if message.isFailing {
            log.write(
                .warning, "\(name) says that it is not well (WATCHDOG=trigger)", about: name, kind: .complained)
            handle(.notified(attempt: attempt, .failing))
        }
    }

    private func note(status: String, of instance: InstanceID) {
        let status = status.isEmpty ? "" : FatalReason.shown(status)
        guard let before = instances[instance], before.status != status else { return }
        instances[instance]?.status = status
        seam.noteChange()
        // Who says something new a thousand times a second is not to fill the log.
        if status.isEmpty { return }
        if let last = before.toldAt, host.now < last.advanced(by: .seconds(1)) { return }
        instances[instance]?.toldAt = host.now
        let name = seam.name(of: instance)
        log.write(.info, "\(name) says: \(status)", about: name)
    }

    // MARK: What is shown

    /// How often `statusText` of an instance may have changed; always zero of one that is not listened to.
    func changes(of instance: InstanceID) -> UInt64 {
        instances.contains(instance) ? changes + reloads.changes : 0
    }

    /// What an instance says of how it is, while it runs; nil where it says nothing.
    func statusText(of instance: InstanceID, attempt: UInt64) -> String? {
        let reloads = reloads.isUnderWay(instance)
        guard let said = instances[instance], said.attempt == attempt,
            said.isStopping || reloads || !said.status.isEmpty
        else { return nil }
        let parts = [said.status, reloads ? "reloads" : "", said.isStopping ? "says that it stops" : ""]
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
