internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// Makes a socket for notices in a folder that its user can reach: that of the control socket where that lets others through, or
    /// where the system keeps such things; of these one in memory, if there is any.
    package func openNotices(for uid: UInt32?) -> Result<NoticeSocket, ErrorNumber> {
        loop.thread.assertIsCurrent()
        do throws(ErrorNumber) {
            // Somebody may have tidied it away.
            if let folder = noticeFolder, !folder.isThere {
                folder.remove()
                noticeFolder = nil
            }
            if noticeFolder == nil { noticeFolder = try NoticeFolder(in: noticeParents(), token: invocationPrefix) }
        } catch {
            return .failure(error)
        }
        guard let path = noticeFolder?.nextPath() else { return .failure(ErrorNumber(ENOENT)) }
        let owner = uid == geteuid() ? nil : uid
        let descriptor = supd_notices_bind(path, owner ?? UInt32.max)
        guard descriptor >= 0 else { return .failure(ErrorNumber(-descriptor)) }
        let channel = loop.open(descriptor)
        loop.watch(channel, readable: true, writable: false)
        return .success(NoticeSocket(channel: channel, path: path))
    }

    /// Takes the next datagram, never waiting.
    package func nextNotice(_ socket: NoticeSocket) -> ReceivedNotice? {
        guard loop.isOpen(socket.channel) else { return nil }
        if let count = closings[.notices(socket.channel)]?.count, count > Self.mostClosings {
            loop.watch(socket.channel, readable: false, writable: false)
            return nil
        }
        return withUnsafeTemporaryAllocation(byteCount: ReceivedNotice.longest, alignment: 8) { buffer in
            var notice = supd_notice()
            let count = supd_notices_receive(socket.channel.descriptor, buffer.baseAddress, buffer.count, &notice)
            guard count >= 0 else { return nil }
            let descriptors = withUnsafeBytes(of: notice.descriptors) { bytes in
                bytes.bindMemory(to: Int32.self).prefix(Int(notice.descriptor_count)).map(BoundSocket.init)
            }
            return ReceivedNotice(
                sender: notice.pid, bytes: Array(buffer[..<count]), isCut: notice.is_cut != 0,
                descriptors: descriptors, hasLost: notice.has_lost != 0)
        }
    }

    /// Closes a socket for notices and removes its file. Descriptors may have come with datagrams that are still to be taken: then it is closed
    /// as they are.
    package func closeNotices(_ socket: NoticeSocket) {
        guard loop.isOpen(socket.channel) else { return }
        unlink(socket.path)
        guard supd_end_with_rest(socket.channel.descriptor, 0) != 0 else { return close(socket.channel) }
        loop.letGo(socket.channel.descriptor)
        closeBeside([socket.channel.descriptor], of: .notices(socket.channel))
    }

    /// Makes a pipe through which a program may say that it is ready.
    package func openReadyPipe() -> Result<(channel: Channel, writing: BoundSocket), ErrorNumber> {
        loop.thread.assertIsCurrent()
        var reading: Int32 = -1
        var writing: Int32 = -1
        let result = supd_pipe(&reading, &writing)
        guard result >= 0 else { return .failure(ErrorNumber(-result)) }
        let channel = loop.open(reading, isOutput: true)
        loop.watch(channel, readable: true, writable: false)
        return .success((channel, BoundSocket(descriptor: writing)))
    }

    /// Closes the program's end of a pipe.
    package func dropWriting(_ end: BoundSocket) { closeUnbound([end.descriptor]) }

    /// Closes what a service has sent, beside the loop.
    package func drop(_ descriptors: [BoundSocket], of socket: NoticeSocket) {
        loop.thread.assertIsCurrent()
        for descriptor in descriptors { loop.letGo(descriptor.descriptor) }
        if !descriptors.isEmpty { closeUnbound(descriptors.map(\.descriptor), sentThrough: socket.channel) }
    }

    /// Closes what a service had sent to an earlier daemon, beside the loop.
    package func drop(_ descriptor: BoundSocket) {
        loop.thread.assertIsCurrent()
        closeBeside([descriptor.descriptor], of: .anybody(descriptor.descriptor))
    }

    /// What a descriptor is of, never asking a server that may be gone.
    package func identity(of descriptor: BoundSocket) -> FileIdentity {
        var identity = FileIdentity(device: 0, inode: 0)
        supd_file_identity(descriptor.descriptor, &identity.device, &identity.inode)
        return identity
    }

    /// Whether two descriptors of one identity are of one open file.
    package func areSame(_ descriptor: BoundSocket, _ other: BoundSocket) -> Bool {
        supd_is_same_file(descriptor.descriptor, other.descriptor) != 0
    }

    /// Has the loop tell when a descriptor hangs up; nil where it may not be asked. To ask a file is to ask its server (FUSE), and an epoll(7)
    /// instance asks what it has in it.
    package func tellHangUp(of descriptor: BoundSocket) -> Channel? {
        let kind = supd_file_kind(descriptor.descriptor)
        guard [S_IFSOCK, S_IFIFO, S_IFCHR].contains(where: { kind == Int32($0) }) else { return nil }
        let channel = loop.open(descriptor.descriptor)
        loop.tellHangUp(of: channel)
        return channel
    }

    /// Closes what no child needs: at once pipes, and sockets of supd's own that are no Unix sockets. What a service has sent through `sender`
    /// is closed beside the loop, as a socket lingers (socket(7)), and a file is flushed to a server that may be gone; one service's one
    /// after the other. So are Unix sockets, as their clients may have sent the like.
    func close(_ descriptors: [Int32], sentThrough sender: Channel?) {
        var sent: [Int32] = []
        for descriptor in descriptors {
            if sender != nil, supd_file_kind(descriptor) != Int32(S_IFIFO) {
                sent.append(descriptor)
            } else if sender == nil, supd_may_hold_descriptors(descriptor) != 0 {
                closeBeside([descriptor], of: .anybody(descriptor))
            } else {
                closeDescriptor(descriptor)
            }
        }
        if let sender, !sent.isEmpty { closeBeside(sent, of: .notices(sender)) }
    }

    /// Closes beside the loop, after what else of that sender is on its way.
    func closeBeside(_ descriptors: [Int32], of sender: Sender) {
        let lane = closings[sender]?.lane ?? closing.makeLane()
        closings[sender] = (lane, (closings[sender]?.count ?? 0) + descriptors.count)
        closing.run(lane) {
            for descriptor in descriptors { closeDescriptor(descriptor) }
            return descriptors.count
        } told: { [weak self] count in
            self?.closed(count, of: sender)
        }
    }

    private func closed(_ count: Int, of sender: Sender) {
        keepSpareDescriptor()
        guard let (lane, before) = closings[sender] else { return }
        closings[sender] = before == count ? nil : (lane, before - count)
        guard case .notices(let channel) = sender, before > Self.mostClosings, before - count <= Self.mostClosings
        else { return }
        loop.watch(channel, readable: true, writable: false)
    }

    /// Nothing more is taken of a service that has so many descriptors on their way out.
    private static let mostClosings = 256

    /// Whether nobody has removed the socket's file.
    package func isInPlace(_ socket: NoticeSocket) -> Bool { access(socket.path, F_OK) == 0 }

    /// Half of what the daemon may have open.
    package var keptDescriptors: Int { Int(clamping: descriptorLimit.hard / 2) }

    /// Whether a process is of `tree`.
    package func membership(of process: Int32, in tree: ProcessTree) -> Membership {
        loop.thread.assertIsCurrent()
        let isMember: Bool
        if let group = group(of: tree) {
            let inGroup = Set(group.processes ?? [])
            isMember =
                inGroup.contains(process)
                || outsiders(of: tree, inGroup: inGroup, includesOrphans: true).contains { $0.pid == process }
        } else {
            isMember = livingMembers(of: tree)?.members.contains { $0.pid == process } ?? false
        }
        return isMember ? .member : mayBeAnybodys(process) ? .unclear : .stranger
    }

    /// The folders that those of the sockets may be in, the best first: where nobody has to wait for a disk, which may be frozen, or a server.
    private func noticeParents() -> [String] {
        let own = controlSockets.map { ControlSocketPath.folder(of: $0.path) }.filter { folder in
            var status = stat()
            // Root's services may be anybody's.
            return folder.hasPrefix("/") && lstat(folder, &status) == 0
                && (geteuid() != 0 || status.st_mode & S_IXOTH != 0)
        }
        let personal = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }
        let all = own + (geteuid() == 0 ? ["/run"] : [personal].compactMap(\.self)) + ["/tmp"]
        let inMemory = all.filter { supd_is_in_memory($0) != 0 }
        return inMemory + all.filter { !inMemory.contains($0) }
    }
}
