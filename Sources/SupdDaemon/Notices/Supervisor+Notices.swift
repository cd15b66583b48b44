import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdSystemd

/// What services say of themselves: taken, believed or not, and what follows.
extension Supervisor {
    /// So many messages of one service are taken in a turn: whoever floods holds up nobody but himself.
    private static let noticesPerTurn = 32
    /// So many more are taken of one whose main process has ended.
    private static let lastNotices = 256

    /// What a start of a service's program, or of a command of it, is told of its notification socket; nil where it has none. The socket is made
    /// for the first start, and stays as long as the instance does.
    func noticePath(of instance: InstanceID, isMain: Bool) throws(SpawnFailure) -> String? {
        let service = definition(of: instance)
        switch service.notifyAccess {
        case .none: return nil
        case .main where !isMain: return nil
        case .main, .exec, .all: break
        }
        let user = service.identity?.uid
        let known = notices[instance]
        if let known, known.user == user, host.isInPlace(known.socket) { return known.socket.path }
        // Where only its file is gone, what is kept stays.
        let kept = known?.user == user ? known?.store ?? [] : []
        if !kept.isEmpty { notices.keep([], of: instance) }
        closeNotices(of: instance)
        switch host.openNotices(for: user) {
        case .success(let socket):
            notices.add(socket, for: user, of: instance)
            notices.keep(kept, of: instance)
            channels[socket.channel] = .notices(instance)
            return socket.path
        case .failure(let error):
            if let known { drop(kept, of: known.socket) }
            throw SpawnFailure(stage: .socket, error: error, subject: "its notification socket")
        }
    }

    /// A new attempt has begun: what the one before has said is over, but for what it has had kept.
    func forgetNotices(of instance: InstanceID, attempt: UInt64) {
        guard let socket = notices[instance]?.socket else { return }
        host.watch(socket.channel, readable: true, writable: false)
        notices[instance]?.attempt = attempt
        notices[instance]?.status = ""
        notices[instance]?.isStopping = false
        notices[instance]?.reload = nil
        notices[instance]?.refused = 0
    }

    /// An instance is not wanted up any more, or cannot be: what it has had kept goes.
    func closeUnusedNotices(of instance: InstanceID) {
        guard notices[instance] != nil, fleet[instance].isAtRest else { return }
        dropStore(of: instance)
        // It was scaled away.
        if !fleet.instances(of: fleet.service(of: instance)).contains(instance) { closeNotices(of: instance) }
    }

    /// There is no such instance any more, or its socket is to be made anew: for another user.
    func closeNotices(of instance: InstanceID) {
        guard let closed = notices.remove(instance) else { return }
        drop(closed.store, of: closed.socket)
        channels[closed.socket.channel] = nil
        host.closeNotices(closed.socket)
    }

    /// There is something to read. What is left after a turn's share is read in the next. A program may speak before its spawn is back, and who it
    /// is, is known then.
    func readNotices(of instance: InstanceID) {
        guard let socket = notices[instance]?.socket else { return }
        if fleet[instance].spawnIsPending { return host.watch(socket.channel, readable: false, writable: false) }
        takeNotices(of: instance, atMost: Self.noticesPerTurn)
    }

    /// The main process has ended: what it said before counts.
    func readLastNotices(of instance: InstanceID) { takeNotices(of: instance, atMost: Self.lastNotices) }

    private func takeNotices(of instance: InstanceID, atMost limit: Int) {
        guard let socket = notices[instance]?.socket else { return }
        for _ in 0..<limit {
            guard let notice = host.nextNotice(socket) else { return }
            take(notice, of: instance, socket)
            // What it says may have taken it away.
            guard fleet.contains(instance) else { return }
        }
    }

    private func take(_ notice: ReceivedNotice, of instance: InstanceID, _ socket: NoticeSocket) {
        var rest = notice.descriptors
        // A descriptor that is not kept is a barrier that is passed by this (sd_notify_barrier(3)), or nothing that was asked for.
        defer { host.drop(rest, of: socket) }
        if notice.hasLost { refuse("descriptors that came with it are lost, for supd has no more left", of: instance) }
        if let problem = objection(to: notice, of: instance) { return refuse(problem, of: instance) }
        let message = NoticeMessage(notice.bytes)
        rest = keepDescriptors(notice.descriptors, message, of: instance)
        follow(message, of: instance)
    }

    /// Why a message is not taken; nil where it is.
    private func objection(to notice: ReceivedNotice, of instance: InstanceID) -> String? {
        if notice.isCut || notice.bytes.isEmpty {
            return "it has \(notice.isCut ? "more than \(ReceivedNotice.longest) bytes" : "no text")"
        }
        guard let running = processes.running(of: instance), let tree = processes.tree(of: instance) else {
            return "nothing of the service runs"
        }
        let access = definition(of: instance).notifyAccess
        if running.pid == notice.sender, access != .none { return nil }
        let isHeard =
            switch access {
            case .none, .main: false
            case .exec: commands.processes(of: instance).contains(notice.sender)
            case .all: host.isMember(notice.sender, of: tree)
            }
        guard !isHeard else { return nil }
        let what =
            access == .main
            ? "is not its main process \(running.pid): its notify_access is \"main\", and \"all\" takes every process of the service"
            : "is none that its notify_access of \"\(access.rawValue)\" takes, or had ended before that could be seen"
        return "process \(notice.sender) \(what)"
    }

    /// Told once an attempt, and counted.
    func refuse(_ problem: String, of instance: InstanceID) {
        guard let refused = notices[instance]?.refused else { return }
        notices[instance]?.refused = refused + 1
        guard refused == 0 else { return }
        let name = name(of: instance)
        log.write(.warning, "a message to the notification socket of \(name) was not followed: \(problem)", about: name)
    }

    /// An attempt is over: how many of its messages were not followed, where that is more than was told.
    func sumUpNotices(of instance: InstanceID) {
        guard let refused = notices[instance]?.refused, refused > 1 else { return }
        notices[instance]?.refused = 0
        let name = name(of: instance)
        log.write(
            .warning, "\(refused) messages to the notification socket of \(name) were not followed in all", about: name)
    }

    /// Does what a message says.
    private func follow(_ message: NoticeMessage, of instance: InstanceID) {
        let (name, attempt) = (name(of: instance), processes.running(of: instance)?.attempt ?? 0)
        func handle(_ event: ServiceEvent) { act { $0.handle(event, of: instance, now: $1, random: $2, into: &$3) } }
        if let status = message.status { note(status: status, of: instance) }
        if let error = message.error, error != 0 {
            log.write(.warning, "\(name) says that it has failed with \(ErrorNumber(error))", about: name)
        }
        if let status = message.exitStatus {
            log.write(.info, "\(name) says that it exits with \(status)", about: name)
        }
        if message.isStopping, notices[instance]?.isStopping == false {
            notices[instance]?.isStopping = true
            noteChange()
            log.write(.info, "\(name) says that it stops", about: name)
        }
        if let process = message.mainProcess, let problem = processes.exchangeMain(of: instance, for: process) {
            refuse("MAINPID=\(process) is not followed: \(problem)", of: instance)
        }
        if let limit = message.watchdog { handle(.notified(attempt: attempt, .watchdog(every: limit))) }
        if let time = message.needsTime { handle(.notified(attempt: attempt, .needsTime(time))) }
        if message.isAlive { handle(.notified(attempt: attempt, .alive)) }
        if message.isReloading { beganReload(instance, at: message.time) }
        if message.isReady {
            finishReload(instance)
            meet(.notice, of: instance, attempt: attempt)
        }
        if message.isFailing {
            log.write(.warning, "\(name) says that it is not well (WATCHDOG=trigger)", about: name)
            handle(.notified(attempt: attempt, .failing))
        }
    }

    private func note(status: String, of instance: InstanceID) {
        let status = status.isEmpty ? "" : FatalReason.shown(status)
        guard let before = notices[instance]?.status, before != status else { return }
        notices[instance]?.status = status
        noteChange()
        // Who says something new a thousand times a second is not to fill the log.
        if status.isEmpty { return }
        if let last = notices[instance]?.toldAt, host.now < last.advanced(by: .seconds(1)) { return }
        notices[instance]?.toldAt = host.now
        let name = name(of: instance)
        log.write(.info, "\(name) says: \(status)", about: name)
    }

    // MARK: What is shown

    /// What an instance says of how it is, while it runs; nil where it says nothing.
    func statusText(of instance: InstanceID, attempt: UInt64) -> String? {
        guard let said = notices[instance], said.attempt == attempt,
            said.isStopping || said.reload != nil || !said.status.isEmpty
        else { return nil }
        let parts = [said.status, said.reload == nil ? "" : "reloads", said.isStopping ? "says that it stops" : ""]
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
