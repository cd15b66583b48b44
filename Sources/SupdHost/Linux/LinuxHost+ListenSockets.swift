internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// Binds a socket, and listens on it where it is a stream's; close-on-exec. The file of a socket that nobody listens on any more
    /// is replaced. EADDRINUSE where somebody does, ENOTSOCK where the path is another kind of file, EINVAL for a host that is no
    /// address in numbers. EINPROGRESS where a file system takes its time: a spawn whose request fails by that is pending until it
    /// has answered.
    package func bind(_ socket: ListenSocket, patiently: Bool) -> Result<BoundSocket, ErrorNumber> {
        loop.thread.assertIsCurrent()
        var flags: Int32 = 0
        if socket.kind == .datagram { flags |= Int32(SUPD_LISTEN_DATAGRAM.rawValue) }
        if socket.reusesPort { flags |= Int32(SUPD_LISTEN_REUSE_PORT.rawValue) }
        let descriptor: Int32
        switch socket.address {
        case .internet(let host, let port): descriptor = supd_bind_internet(host, port, flags, socket.backlog)
        case .abstract(let name): descriptor = supd_bind_abstract(name, name.utf8.count, flags, socket.backlog)
        case .path(let path):
            return bind(socket, at: path, flags, within: patiently ? socketPatience : spawns.patience)
        }
        return descriptor < 0
            ? .failure(ErrorNumber(-descriptor)) : .success(BoundSocket(descriptor: descriptor))
    }

    /// The sockets that the service manager handed over, but for the control socket; nothing at a second call.
    package func takeHandedOverSockets() -> [HandedOverSocket] {
        loop.thread.assertIsCurrent()
        return (serviceManager?.takeDescriptors() ?? []).map { given in
            let made = MadeSocket(given.descriptor)
            return HandedOverSocket(
                name: given.name, socket: BoundSocket(descriptor: given.descriptor), kind: made?.kind,
                address: made?.address)
        }
    }

    /// Has a socket that an earlier daemon has bound be as `socket` says, as far as that can be told and changed of one that is bound.
    package func takeBack(_ given: HandedOverSocket, as socket: ListenSocket) -> Bool {
        loop.thread.assertIsCurrent()
        guard given.kind == socket.kind, given.address == socket.address,
            let made = MadeSocket(given.socket.descriptor), made.reusesPort == socket.reusesPort
        else { return false }
        return socket.kind == .datagram || supd_listen_anew(given.socket.descriptor, socket.backlog) == 0
    }

    /// Ends it for all who have it (shutdown(2)). What did not listen has nobody who waits.
    package func endListening(_ socket: BoundSocket) {
        loop.thread.assertIsCurrent()
        supd_listen_no_more(socket.descriptor)
    }

    /// Whether nobody has removed the file that a bound socket made, or put another in its place; nil where its file system takes its time:
    /// a spawn whose request fails by that is pending until it has answered, or a second has passed. True of one that has made none, and
    /// of one whose file system takes longer still.
    package func isInPlace(_ socket: BoundSocket) -> Bool? {
        loop.thread.assertIsCurrent()
        guard let file = socketFiles[socket.descriptor] else { return true }
        switch awaitedLooks[socket.descriptor] {
        case .ended(let isInPlace)?:
            awaitedLooks[socket.descriptor] = nil
            return isInPlace
        case .underWay(let limit)?:
            guard limit <= loop.now else { break }
            awaitedLooks[socket.descriptor] = nil
            return true
        case nil:
            let limit = loop.now.advanced(by: Self.lookLimit)
            let look = files.run(lane(of: file.path), within: spawns.patience) {
                file.isInPlace
            } then: { [unowned self] isInPlace in
                guard case .underWay(limit)? = awaitedLooks[socket.descriptor] else { return }
                awaitedLooks[socket.descriptor] = .ended(isInPlace: isInPlace)
                loop.lookAtSpawns(after: .zero)
            }
            if let look { return look }
            spawns.patience = .zero
            awaitedLooks[socket.descriptor] = .underWay(until: limit)
        }
        lastAwaitedFile = .look(socket.descriptor, at: file.path)
        return nil
    }

    /// Closes a bound socket, and removes the file it made, unless another has taken its place. Not to be called twice: the
    /// number may be another's by then.
    package func unbind(_ socket: BoundSocket) {
        loop.thread.assertIsCurrent()
        guard let file = socketFiles.removeValue(forKey: socket.descriptor) else {
            return closeUnbound([socket.descriptor])
        }
        awaitedLooks[socket.descriptor] = nil
        // Before it is closed: who finds the file of a closed socket may take it for a stale one, and replace it.
        let isRemoved: Void? = files.run(lane(of: file.path), within: spawns.patience) {
            file.remove()
        } then: { [unowned self] in
            closeUnbound([socket.descriptor])
        }
        if isRemoved != nil { return closeUnbound([socket.descriptor]) }
        spawns.patience = .zero
    }

    // MARK: Files of sockets

    /// One for each path: who binds there anew finds that the one before has been removed.
    private func lane(of path: String) -> BlockingCalls.Lane {
        if let lane = socketLanes[path] { return lane }
        let lane = files.makeLane()
        socketLanes[path] = lane
        return lane
    }

    /// How long a start waits for a look whether a file is in its place.
    private static let lookLimit = Duration.seconds(1)

    /// What a spawn waits for.
    enum AwaitedFile {
        case made(ListenSocket)
        case look(Int32, at: String)

        var description: String {
            switch self {
            case .made(let socket): "\(socket.address)"
            case .look(_, let path): path
            }
        }
    }

    /// One that is made beside the loop, or was and nobody has asked for since.
    enum AwaitedSocket {
        case underWay
        case ended(Result<BoundSocket, ErrorNumber>, wasTold: Bool)
    }

    /// The same of a look at the file of one that is bound.
    enum AwaitedLook {
        case underWay(until: MonotonicInstant)
        case ended(isInPlace: Bool)
    }

    /// Whether there is no answer yet.
    func isUnderWay(_ file: AwaitedFile) -> Bool {
        switch file {
        case .made(let socket): if case .underWay? = awaitedSockets[socket] { true } else { false }
        case .look(let descriptor, _):
            if case .underWay(let limit)? = awaitedLooks[descriptor] { loop.now < limit } else { false }
        }
    }

    private func bind(
        _ socket: ListenSocket, at path: String, _ flags: Int32, within bound: Duration
    ) -> Result<BoundSocket, ErrorNumber> {
        switch awaitedSockets[socket] {
        case .ended(let result, _)?:
            awaitedSockets[socket] = nil
            return result
        case .underWay?:
            lastAwaitedFile = .made(socket)
            return .failure(.socketIsUnderWay)
        case nil: break
        }
        let (mode, backlog) = (UInt32(socket.mode), socket.backlog)
        let made = files.run(lane(of: path), within: bound) {
            PathSocket.make(path, mode: mode, flags: flags, backlog: backlog)
        } then: { [unowned self] made in
            awaitedSockets[socket] = .ended(take(made, path, mode, flags, backlog), wasTold: false)
            loop.lookAtSpawns(after: .zero)
        }
        if let made { return take(made, path, mode, flags, backlog) }
        spawns.patience = .zero
        socketPatience = .zero
        awaitedSockets[socket] = .underWay
        lastAwaitedFile = .made(socket)
        return .failure(.socketIsUnderWay)
    }

    /// Takes one over from the process that has made it.
    private func take(
        _ made: Result<PathSocket, ErrorNumber>, _ path: String, _ mode: UInt32, _ flags: Int32, _ backlog: Int32
    ) -> Result<BoundSocket, ErrorNumber> {
        made.flatMap { made in
            var descriptor = made.descriptor
            var file = made.file
            if made.process != ownPID {
                descriptor = fetch(made)
                if descriptor == -EPERM || descriptor == -ENOSYS {
                    // An old kernel, or a filter of system calls: then it is made here, and may hold up the loop.
                    file.remove()
                    descriptor = supd_bind_path(path, mode, flags, backlog)
                    if descriptor >= 0 { file = SocketFile(path) }
                }
                guard descriptor >= 0 else { return .failure(ErrorNumber(-descriptor)) }
            }
            socketFiles[descriptor] = file
            return .success(BoundSocket(descriptor: descriptor))
        }
    }

    private func fetch(_ made: PathSocket) -> Int32 {
        let pidfd = supd_pidfd_open(made.process)
        guard pidfd >= 0 else { return pidfd }
        defer { closeDescriptor(pidfd) }
        let descriptor = supd_pidfd_fetch(pidfd, made.descriptor)
        files.run(files.makeLane()) {
            // Another process of those calls has another table.
            if getpid() == made.process { closeDescriptor(made.descriptor) }
        } told: { _ in
        }
        return descriptor
    }

    /// Tells of what came late, and takes back what nobody has asked for since and no spawn waits for.
    func tellAwaitedSockets(into events: inout [HostEvent]) {
        guard !awaitedSockets.isEmpty else { return }
        var hasNews = false
        for (socket, state) in awaitedSockets {
            switch state {
            case .underWay: break
            case .ended(let result, wasTold: false):
                awaitedSockets[socket] = .ended(result, wasTold: true)
                hasNews = true
            case .ended(let result, wasTold: true):
                guard !spawns.awaitsSockets else { break }
                awaitedSockets[socket] = nil
                if case .success(let bound) = result { unbind(bound) }
            }
        }
        if hasNews { events.append(.socketsCame) }
    }
}
