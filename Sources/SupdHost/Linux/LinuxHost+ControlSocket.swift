internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// The name under which systemd hands over the control socket (FileDescriptorName= in systemd.socket(5)).
    package static let controlSocketName = "control"

    /// Makes the control socket at `path`, or takes the one that systemd handed over, which `path` then says nothing of.
    /// A second call finds the first one's lock, and answers `.inUse`.
    package func claimControlSocket(path: String) -> Result<Channel, SocketClaimFailure> {
        loop.thread.assertIsCurrent()
        do throws(SocketClaimFailure) {
            let claim = try makeClaim(path)
            controlSockets.append(claim)
            leadersNote = claim.leadersPath.map { LeadersNote(path: $0, daemon: ownPID) }
            watchControlSocket()
            return .success(loop.open(claim.listener))
        } catch {
            return .failure(error)
        }
    }

    private func makeClaim(_ path: String) throws(SocketClaimFailure) -> ControlSocketClaim {
        guard let given = serviceManager?.takeDescriptor(named: Self.controlSocketName) else {
            return try ControlSocketClaim(path: path)
        }
        let made = MadeSocket(given)
        guard let made, made.kind == .stream, made.isLocal else {
            closeDescriptor(given)
            throw .refused(
                "systemd handed over something else as '\(Self.controlSocketName)' than a Unix socket that is listened on: its "
                    + "socket unit must have a path as ListenStream=, and not Accept=yes")
        }
        let result = supd_set_nonblocking(given)
        guard result >= 0 else { throw .failed(call: "fcntl of the control socket", ErrorNumber(-result)) }
        supd_refuse_descriptors(given)
        return try ControlSocketClaim(handedOver: given, path: path)
    }

    /// Puts back what was removed of the control socket's files, and writes the note where that was not possible before, or somebody has
    /// changed it.
    package func mendControlSocket() -> ControlSocketState {
        loop.thread.assertIsCurrent()
        controlSocketIsDisturbed = false
        if let controlSocketWatch { supd_watch_clear(controlSocketWatch.descriptor) }
        var state = ControlSocketState()
        for index in controlSockets.indices {
            let mended = controlSockets[index].mend()
            if mended.hasNewListener { state.listener = loop.open(controlSockets[index].listener) }
            state.restored += mended.restored
            state.rewritten += mended.rewritten
            state.troubles += mended.troubles
        }
        // Half a note is a change of its file, too, and is tried again by the clock alone.
        if !controlSockets.allSatisfy(\.isNoted), let controlSocketWatch {
            supd_watch_clear(controlSocketWatch.descriptor)
        }
        watchControlSocket()
        if let failure = leadersFailure, let path = controlSockets.first?.leadersPath {
            state.troubles.append(
                .init(
                    "what is started could not be noted for the next supd in \(path): \(failure); if this supd is killed, the next one "
                        + "does not find what hides its environment", isGrave: true))
        }
        if let failure = controlSocketWatchFailure {
            state.troubles.append(
                .init("the control socket is not put back where somebody removes it: \(failure)", isGrave: false))
        }
        return state
    }

    /// Has the removal of the files told, and that somebody writes into them: of these alone, as much may happen in their folder. A second
    /// call adds what is new.
    private func watchControlSocket() {
        controlSocketWatchFailure = nil
        guard !controlSockets.isEmpty, !controlSocketIsUnwatched else { return }
        if controlSocketWatch == nil {
            let watch = supd_watch_create()
            guard watch >= 0 else {
                controlSocketWatchFailure = "inotify_init1: \(ErrorNumber(-watch))"
                return
            }
            let channel = loop.open(watch)
            loop.watch(channel, readable: true, writable: false)
            controlSocketWatch = channel
        }
        guard let watch = controlSocketWatch?.descriptor else { return }
        for claim in controlSockets {
            for (file, isFolder) in claim.files.map({ ($0, false) }) + [
                (ControlSocketPath.folder(of: claim.path), true)
            ] {
                let result = supd_watch_add(watch, file, isFolder ? 1 : 0)
                if result >= 0 { controlSocketWatches.insert(result) }
                // What is not there is trouble of its own.
                if result < 0, result != -ENOENT {
                    controlSocketWatchFailure = "inotify_add_watch of \(file): \(ErrorNumber(-result))"
                }
            }
        }
    }

    /// Has nothing told of the files any more, for the daemon is on its way down. The kernel takes 15 to 20 ms to be done with an inotify
    /// instance, which whoever closes it waits for: they are over by then where it has nothing to watch in the meantime.
    package func unwatchControlSocket() {
        loop.thread.assertIsCurrent()
        controlSocketIsUnwatched = true
        guard let controlSocketWatch else { return }
        loop.watch(controlSocketWatch, readable: false, writable: false)
        for number in controlSocketWatches { supd_watch_remove(controlSocketWatch.descriptor, number) }
        controlSocketWatches = []
    }

    /// Whether an event is one of the control socket's files.
    func isOfControlSocketFiles(_ event: HostEvent) -> Bool {
        guard let controlSocketWatch else { return false }
        return event == .readable(controlSocketWatch)
    }

    /// Notes where the control groups are, for the next daemon.
    func note(groups: String) {
        for index in controlSockets.indices where !controlSockets[index].note(groups: groups) {
            controlSocketIsDisturbed = true
        }
    }

    /// Beside the loop: who removes a file on a disk that hangs ends when it answers, and the daemon would with him. False where that is not
    /// done in time, or what else is written whole is not; it is left to the next daemon then.
    private func removeControlSocketFiles(within bound: Duration) -> Bool {
        let made = controlSockets.compactMap(\.file)
        let isDone = files.run(wholeFiles, within: bound) {
            for file in made { file.remove() }
            return true
        } then: { _ in
        }
        return isDone ?? false
    }

    /// Removes the control socket's file, if this daemon made it. The lock is held until the host ends, so that no other daemon
    /// starts beside one that is still on its way down; with `leavesNothing` its file is emptied. The daemon leaves the control
    /// groups that it made, and waits for their removal, and for what is still being written, no longer than until `deadline`: one that
    /// has a process is left to the next daemon. A second call does nothing more.
    package func releaseControlSocket(leavesNothing: Bool, by deadline: MonotonicInstant) {
        loop.thread.assertIsCurrent()
        if let controlSocketWatch { close(controlSocketWatch) }
        controlSocketWatch = nil
        supd_deadline_set_groups(nil, nil)
        // Before what a disk, or a machine that is busy, may hold up: who ends the process then removes no groups. A child that the kernel
        // holds is in the daemon's own group, which is then removed by the next one.
        let groupsAreGone = groups.close(by: deadline)
        let left = deadline.duration(since: EventLoop.readClock())
        let patience = min(max(left, Self.shortestFileProcessEnd), Self.longestFileProcessEnd)
        let diskAnswers = removeControlSocketFiles(within: patience)
        if diskAnswers { noticeFolder?.remove() }
        noticeFolder = nil
        if groupsAreGone, diskAnswers, leavesNothing, !spawns.hasChildren {
            for claim in controlSockets { claim.noteCleanEnd() }
        }
        files.stop(within: patience)
    }
}
