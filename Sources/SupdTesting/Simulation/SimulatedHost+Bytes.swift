package import SupdHost
import SupdPlugin

/// What comes and goes by the sockets of clients, and by the pipes of programs.
extension SimulatedHost {
    func openStream() -> Channel {
        nextDescriptor += 1
        streams[nextDescriptor] = SimulatedStream()
        return Channel(descriptor: nextDescriptor, generation: 0)
    }

    func say(_ script: ProcessScript, to output: Channel) {
        streams[output.descriptor]?.incoming += Array(script.says.utf8)
        streams[output.descriptor]?.readTime = script.readTime
    }

    /// Reads what a client or a child has sent.
    package func read(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        if let error = fails(.read) { return .failed(error) }
        guard let stream = streams[channel.descriptor], !stream.isClosed else { return .failed(ErrorNumber(9)) }
        if stream.isBeingRead { return .underWay }
        if let time = stream.readTime { return readLate(channel, time) }
        let count = min(stream.incoming.count, buffer.count)
        guard count > 0 else { return stream.isEnded || stream.isHalfClosed ? .end : .wouldBlock }
        buffer.copyBytes(from: stream.incoming[..<count])
        streams[channel.descriptor]?.incoming.removeFirst(count)
        return .bytes(count)
    }

    /// One that takes its time: the channel is told as readable when it is over.
    private func readLate(_ channel: Channel, _ time: Duration) -> ReadResult {
        streams[channel.descriptor]?.readTime = nil
        streams[channel.descriptor]?.isBeingRead = true
        after(time) {
            $0.streams[channel.descriptor]?.isBeingRead = false
            $0.pending.append(.readable(channel))
        }
        return .underWay
    }

    /// Takes what there is room for.
    package func write(_ channel: Channel, _ bytes: UnsafeRawBufferPointer) -> WriteResult {
        if let error = fails(.write) { return .failed(error) }
        if channel == standardError {
            errorOutput += bytes
            return .wrote(bytes.count)
        }
        guard let stream = streams[channel.descriptor], !stream.isClosed else { return .failed(ErrorNumber(9)) }
        guard !stream.isEnded else { return .failed(ErrorNumber(32)) }
        let count = min(bytes.count, stream.room - stream.outgoing.count)
        guard count > 0 else { return .wouldBlock }
        streams[channel.descriptor]?.outgoing += bytes[..<count]
        return .wrote(count)
    }

    /// Refused: its streams hold what they are given.
    package func resizePipe(_ channel: Channel, to bytes: Int) -> Bool { false }

    /// Says what is wanted of a stream.
    package func watch(_ channel: Channel, readable: Bool, writable: Bool) {
        streams[channel.descriptor]?.watchesReading = readable
        streams[channel.descriptor]?.watchesWriting = writable
    }

    /// Has the end of a client told.
    package func tellHangUp(of channel: Channel) { streams[channel.descriptor]?.tellsHangUp = true }

    /// Closes the daemon's end of a stream.
    package func close(_ channel: Channel) {
        streams[channel.descriptor]?.isClosed = true
        // A client may still look at what was written to it; of a pipe nothing is left.
        if streams[channel.descriptor]?.outgoing.isEmpty == true { streams[channel.descriptor] = nil }
    }
}
