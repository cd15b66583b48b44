internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// Reads what is there, never waiting. EBADF for a channel that is closed.
    package func read(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        guard loop.isOutput(channel) else {
            guard loop.isOpen(channel) else { return .failed(ErrorNumber(EBADF)) }
            return ReadResult(Glibc.read(channel.descriptor, buffer.baseAddress, buffer.count))
        }
        let memory = ReadMemory(count: buffer.count)
        let result = outputs.read(channel, into: memory.bytes, of: memory)
        if case .bytes(let count) = result {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
        }
        return result
    }

    /// The same into memory that `owner` keeps, which is not to be used for anything else after `ReadResult.underWay`.
    package func read(
        _ channel: Channel, into buffer: UnsafeMutableRawBufferPointer, of owner: AnyObject
    ) -> ReadResult {
        loop.isOutput(channel) ? outputs.read(channel, into: buffer, of: owner) : read(channel, into: buffer)
    }

    /// Has standard error take all that comes from now on, where it is a file.
    package func takeLastWords() { errorFile?.takesAll = true }

    /// Writes what fits, never waiting. EBADF for a channel that is closed.
    package func write(_ channel: Channel, _ bytes: UnsafeRawBufferPointer) -> WriteResult {
        guard loop.isOpen(channel) else { return .failed(ErrorNumber(EBADF)) }
        if channel == standardError { return errorFile?.write(bytes) ?? errorStream.write(bytes) }
        return WriteResult(Glibc.write(channel.descriptor, bytes.baseAddress, bytes.count))
    }

    /// Has a program's pipe hold so many bytes. False where that is refused or takes its time, and for a channel that is closed.
    package func resizePipe(_ channel: Channel, to bytes: Int) -> Bool {
        loop.isOutput(channel) && outputs.resize(channel, to: bytes)
    }

    /// Says which of `.readable` and `.writable` are wanted of a channel; both or neither may be. Nothing for a closed one.
    package func watch(_ channel: Channel, readable: Bool, writable: Bool) {
        if channel == standardError, let errorFile { return errorFile.tellRoom(writable) }
        if !outputs.watch(channel, readable: readable) { loop.watch(channel, readable: readable, writable: writable) }
    }

    /// Has `.hungUp` told once when both directions of a connection are closed. Nothing for a closed channel.
    package func tellHangUp(of channel: Channel) { loop.tellHangUp(of: channel) }

    /// Closes a channel; a second call does nothing. Standard error stays open.
    package func close(_ channel: Channel) {
        guard channel != standardError else { return }
        if loop.isOutput(channel) { return closeOutput(channel) }
        _ = loop.close(channel)
        keepSpareDescriptor()
    }

    /// Closes a program's pipe: beside the loop where somebody has the other end.
    private func closeOutput(_ channel: Channel) {
        if outputs.close(channel) {
            loop.letGo(channel.descriptor)
        } else if outputs.mayHoldUpClose(channel) {
            loop.letGo(channel.descriptor)
            closeBeside([channel.descriptor], of: .anybody(channel.descriptor))
        } else {
            _ = loop.close(channel)
            keepSpareDescriptor()
        }
    }

    // MARK: Connections

    /// Reads what is there of a connection, never waiting, also where its client has sent descriptors: those stay where they are. EBADF for a
    /// channel that is closed.
    package func receive(_ connection: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        guard loop.isOpen(connection) else { return .failed(ErrorNumber(EBADF)) }
        let count = supd_receive(connection.descriptor, buffer.baseAddress, buffer.count)
        return ReadResult(count, error: Int32(clamping: -count))
    }

    /// Closes a connection; a second call does nothing. One that has something which was not read is closed beside the loop, those of one user
    /// one after the other: who closes it lets go of the descriptors that came with that.
    package func closeConnection(_ connection: Channel, of user: UInt32) {
        guard loop.isOpen(connection) else { return }
        guard supd_end_with_rest(connection.descriptor, 1) != 0 else { return close(connection) }
        loop.letGo(connection.descriptor)
        closeBeside([connection.descriptor], of: .user(user))
    }

    /// Closes the control socket beside the loop, with those who were not accepted; a second call does nothing.
    package func closeListener(_ listener: Channel) {
        guard loop.isOpen(listener) else { return }
        loop.letGo(listener.descriptor)
        closeBeside([listener.descriptor], of: .anybody(listener.descriptor))
    }

    /// The supplementary groups of whoever is at the other end; none where they cannot be told.
    private static func groups(ofPeer descriptor: Int32) -> [UInt32] {
        var groups = [UInt32](repeating: 0, count: 32)
        var count = supd_peer_groups(descriptor, &groups, groups.count)
        if count > groups.count {
            groups = [UInt32](repeating: 0, count: count)
            count = supd_peer_groups(descriptor, &groups, groups.count)
        }
        return (0...groups.count).contains(count) ? Array(groups.prefix(count)) : []
    }

    /// Accepts one waiting connection. Where there is no descriptor for it the spare one is given up, until the connection
    /// is closed; where that fails too, the listener rests for a tenth of a second instead of being told at every turn.
    package func accept(_ listener: Channel) -> AcceptResult {
        guard loop.isOpen(listener) else { return .none }
        var peer = supd_peer()
        var shortage: ErrorNumber?
        while true {
            let descriptor = supd_accept(listener.descriptor, &peer)
            if descriptor >= 0 {
                let channel = loop.open(descriptor)
                let credentials = PeerCredentials(
                    pid: peer.pid, uid: peer.uid, gid: peer.gid, groups: Self.groups(ofPeer: descriptor))
                guard let shortage else { return .connection(channel, credentials) }
                return .connectionToRefuse(channel, credentials, shortage)
            }
            switch -descriptor {
            case EINTR, ECONNABORTED: continue
            case EMFILE where spareDescriptor >= 0, ENFILE where spareDescriptor >= 0:
                // accept4(2) wants a descriptor before it looks whether anybody waits.
                shortage = ErrorNumber(-descriptor)
                closeDescriptor(spareDescriptor)
                spareDescriptor = -1
            case EAGAIN:
                keepSpareDescriptor()
                return .none
            default:
                // Whatever it is, whoever waits is there still, and would be told of at every turn.
                keepSpareDescriptor()
                loop.pauseListener(listener)
                return .failed(ErrorNumber(-descriptor))
            }
        }
    }

    /// What the program at the other end calls itself; nil where that cannot be told.
    package func command(of peer: PeerCredentials) -> String? { peer.pid > 0 ? procfs.name(of: peer.pid) : nil }

    /// Opens the spare descriptor again where it was given up. Nothing where there is still none for it: the next close
    /// makes room.
    func keepSpareDescriptor() {
        if spareDescriptor < 0 { spareDescriptor = max(supd_duplicate(nullDescriptor), -1) }
    }
}
