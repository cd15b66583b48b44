internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// Reads what is there, never waiting. EBADF for a channel that is closed.
    public func read(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        guard loop.isOpen(channel) else { return .failed(ErrorNumber(EBADF)) }
        let count = Glibc.read(channel.descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        let error = errno
        return error == EAGAIN || error == EINTR ? .wouldBlock : .failed(ErrorNumber(error))
    }

    /// Writes what fits, never waiting. EBADF for a channel that is closed.
    public func write(_ channel: Channel, _ bytes: UnsafeRawBufferPointer) -> WriteResult {
        guard loop.isOpen(channel) else { return .failed(ErrorNumber(EBADF)) }
        if channel == standardError { return errorStream.write(bytes) }
        return WriteResult(Glibc.write(channel.descriptor, bytes.baseAddress, bytes.count))
    }

    /// Says which of `.readable` and `.writable` are wanted of a channel; both or neither may be. Nothing for a closed one.
    public func watch(_ channel: Channel, readable: Bool, writable: Bool) {
        var interest: ChannelTable.Interest = []
        if readable { interest.insert(.readable) }
        if writable { interest.insert(.writable) }
        loop.watch(channel, interest)
    }

    /// Closes a channel; a second call does nothing. Standard error stays open.
    public func close(_ channel: Channel) {
        guard channel != standardError else { return }
        _ = loop.close(channel)
    }

    // MARK: Connections

    /// Accepts one waiting connection. Where there is no descriptor for it, a spare one is given up for a moment to take the
    /// connection and close it; where that fails too, the listener rests for a tenth of a second instead of being told
    /// at every turn.
    public func accept(_ listener: Channel) -> AcceptResult {
        guard loop.isOpen(listener) else { return .none }
        var peer = supd_peer()
        while true {
            let descriptor = supd_accept(listener.descriptor, &peer)
            if descriptor >= 0 {
                return .connection(loop.open(descriptor), PeerCredentials(pid: peer.pid, uid: peer.uid, gid: peer.gid))
            }
            switch -descriptor {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE: return refuse(listener, ErrorNumber(-descriptor))
            case ENOBUFS, ENOMEM:
                loop.pauseListener(listener)
                return .refused(ErrorNumber(-descriptor))
            default: return .none
            }
        }
    }

    private func refuse(_ listener: Channel, _ error: ErrorNumber) -> AcceptResult {
        var peer = supd_peer()
        closeDescriptor(spareDescriptor)
        let descriptor = supd_accept(listener.descriptor, &peer)
        closeDescriptor(descriptor)
        let reopened = supd_duplicate(slots.null)
        spareDescriptor = reopened >= 0 ? reopened : -1
        if descriptor < 0 { loop.pauseListener(listener) }
        return .refused(error)
    }
}
