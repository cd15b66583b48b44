package import SupdHost
package import SupdPlugin

/// What simulated services say of themselves.
extension SimulatedHost {
    /// A socket that nothing but `say` sends to.
    package func openNotices(for uid: UInt32?) -> Result<NoticeSocket, ErrorNumber> {
        nextDescriptor += 1
        let socket = NoticeSocket(
            channel: Channel(descriptor: nextDescriptor, generation: 1), path: "/simulated/\(nextDescriptor)")
        notices[socket] = []
        return .success(socket)
    }

    /// The oldest that was said and not taken.
    package func nextNotice(_ socket: NoticeSocket) -> ReceivedNotice? {
        guard notices[socket]?.isEmpty == false else { return nil }
        return notices[socket]?.removeFirst()
    }

    /// Nothing more comes from it.
    package func closeNotices(_ socket: NoticeSocket) { notices[socket] = nil }
    /// A pipe that nothing comes through.
    package func openReadyPipe() -> Result<(channel: Channel, writing: BoundSocket), ErrorNumber> {
        nextDescriptor += 2
        return .success(
            (Channel(descriptor: nextDescriptor - 1, generation: 1), BoundSocket(descriptor: nextDescriptor)))
    }

    /// Each is of its own.
    package func identity(of descriptor: BoundSocket) -> FileIdentity {
        FileIdentity(device: 0, inode: UInt64(clamping: descriptor.descriptor))
    }
    /// None is of another's file.
    package func areSame(_ descriptor: BoundSocket, _ other: BoundSocket) -> Bool { descriptor == other }
    /// Nothing hangs up.
    package func tellHangUp(of descriptor: BoundSocket) -> Channel? {
        Channel(descriptor: descriptor.descriptor, generation: 1)
    }
    /// There are none.
    package func drop(_ descriptors: [BoundSocket], of socket: NoticeSocket) {}
    /// Closed, as what is not bound any more is.
    package func drop(_ descriptor: BoundSocket) { unbound.append(descriptor) }
    /// Nothing is there to be closed.
    package func dropWriting(_ end: BoundSocket) {}
    /// Nobody removes anything.
    package func isInPlace(_ socket: NoticeSocket) -> Bool { true }
    /// Any number.
    package var keptDescriptors: Int { .max }
    /// Whether a process carries the tree's mark; unclear of one that hides it (`hiding`).
    package func membership(of process: Int32, in tree: ProcessTree) -> Membership {
        guard let found = processes[process], found.outcome == nil else { return .stranger }
        if hiding.contains(process) {
            lookAgain()
            return .unclear
        }
        return found.mark == tree.mark ? .member : .stranger
    }

    private func lookAgain() {
        if isToLookAgain { return }
        isToLookAgain = true
        after(.milliseconds(10)) {
            $0.isToLookAgain = false
            $0.tell(.adoptedReaped(0))
        }
    }

    /// Has the latest process of a service say `text` through the socket that it was given, now.
    package func say(_ text: String, as pid: Int32, through path: String) {
        guard let socket = notices.keys.first(where: { $0.path == path }) else { return }
        notices[socket]?.append(ReceivedNotice(sender: pid, bytes: Array(text.utf8)))
        tell(.readable(socket.channel))
    }

    /// Keeps what was told, and that something came with it.
    package func notify(_ state: String, with descriptor: BoundSocket) -> Bool {
        guard notify(state) else { return false }
        storedAbove.append(descriptor)
        return true
    }
}
