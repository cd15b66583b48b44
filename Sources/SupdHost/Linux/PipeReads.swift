internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Reads the pipes whose other end a program has, so that no program holds up the loop.
///
/// The kernel holds a pipe's lock while it copies into the pipe what is written there, and takes the same lock, with no signal that ends the
/// wait, for a read, for another size and for the last close: O_NONBLOCK is of what is in the pipe alone. A program that writes from
/// memory that a file backs, or has the kernel copy a file (sendfile(2), splice(2)), holds it for as long as the file's server does not answer.
/// poll(2) takes no lock: what it finds empty is not read, and where nobody has the other end nobody holds the lock. All else is read by a
/// thread beside the loop, which waits for that for a moment.
final class PipeReads {
    /// A call, and what came of it once it is back.
    private final class Call: @unchecked Sendable {
        var result = ReadResult.wouldBlock
        let isBack = Latch()

        func end(_ result: ReadResult) -> ReadResult {
            self.result = result
            isBack.open()
            return result
        }
    }

    /// A call that did not come back in time, and what it has read.
    private struct Late {
        let call: Call
        /// Whose memory is read into; nil for a call that reads nothing.
        let owner: AnyObject?
        let room: UnsafeMutableRawBufferPointer
        /// Whether the channel was to be told of when it can be read.
        var isWatched: Bool
        var result: ReadResult?
        /// How much of it was taken.
        var taken = 0
        var isClosed = false
    }

    private let loop: EventLoop
    private let calls: BlockingCalls
    private var late = [Channel: Late]()
    /// What is left of this turn's patience.
    private var patience = PipeReads.usualPatience
    /// Those to be told of: what is there can be taken, or tried again.
    private var told: [Channel] = []

    /// The last that was found at its end: nobody can have the other end again.
    private var ended: Channel?

    /// How long a turn waits for calls that do not come back at once.
    private static let usualPatience = Duration.milliseconds(2)
    /// So many pipes may hang at a time and hold up no other.
    private static let threads = 256
    private static let stackBytes = 64 * 1024

    /// One for the channels of `loop`.
    init(_ loop: EventLoop) {
        self.loop = loop
        calls = BlockingCalls(mailbox: loop.mailbox, limit: Self.threads, stackBytes: Self.stackBytes)
    }

    /// Another turn begins.
    func beginTurn() { patience = Self.usualPatience }

    var hasTold: Bool { !told.isEmpty }

    /// Tells of what can be read since.
    func tell(into events: inout [HostEvent]) {
        for channel in told { events.append(.readable(channel)) }
        told = []
    }

    /// Reads what is there. Where that does not come back, `owner` keeps the memory of `buffer` until it does.
    func read(
        _ channel: Channel, into buffer: UnsafeMutableRawBufferPointer, of owner: AnyObject
    ) -> ReadResult {
        if late[channel] != nil {
            guard isBack(channel) else { return .underWay }
            if late[channel] != nil { return take(channel, into: buffer) }
        }
        let found = supd_pipe_look(channel.descriptor)
        guard found >= 0 else { return .failed(ErrorNumber(-found)) }
        if UInt32(found) & supd_readable == 0 {
            guard UInt32(found) & supd_hung_up != 0 else { return .wouldBlock }
            ended = channel
            return .end
        }
        if UInt32(found) & supd_hung_up != 0 { return Self.read(channel.descriptor, buffer) }
        guard patience > .zero else { return tryAgain(channel) }
        nonisolated(unsafe) let room = buffer
        let call = Call()
        let result = calls.run(lane(of: channel), within: patience) {
            call.end(Self.read(channel.descriptor, room))
        } then: { [weak self] in
            self?.end(channel, call, $0)
        }
        if let result { return result }
        leave(channel, Late(call: call, owner: owner, room: buffer, isWatched: loop.isWatchedForReading(channel)))
        return .underWay
    }

    /// Has a pipe hold so many bytes. False where that is refused, or does not come back.
    func resize(_ channel: Channel, to bytes: Int) -> Bool {
        guard late[channel] == nil, patience > .zero else { return false }
        let call = Call()
        let isResized = calls.run(lane(of: channel), within: patience) {
            let isResized = supd_resize_pipe(channel.descriptor, Int32(clamping: bytes)) >= 0
            _ = call.end(.wouldBlock)
            return isResized
        } then: { [weak self] _ in
            self?.end(channel, call, .wouldBlock)
        }
        if let isResized { return isResized }
        let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        leave(channel, Late(call: call, owner: nil, room: nothing, isWatched: loop.isWatchedForReading(channel)))
        return false
    }

    /// Says whether it is to be told when a channel can be read. False where nothing holds it up: that is the loop's to tell.
    func watch(_ channel: Channel, readable: Bool) -> Bool {
        guard let call = late[channel] else { return false }
        late[channel]?.isWatched = readable
        if readable, call.result != nil { told.append(channel) }
        return true
    }

    /// Whether a channel that is to be closed cannot be by the loop: its last close may wait.
    func mayHoldUpClose(_ channel: Channel) -> Bool {
        if channel == ended { return false }
        let found = supd_pipe_look(channel.descriptor)
        return found < 0 || UInt32(found) & supd_hung_up == 0
    }

    /// Has a channel that is closed meanwhile be passed to `whenClosed` once it comes back. False where nothing is under way.
    func close(_ channel: Channel) -> Bool {
        guard late[channel] != nil else { return false }
        guard !isBack(channel) else {
            late[channel] = nil
            return false
        }
        late[channel]?.isClosed = true
        return true
    }

    /// What closes a descriptor that was closed while a call was under way.
    var whenClosed: (Int32) -> Void = { closeDescriptor($0) }

    // MARK: Calls that take their time

    private func lane(of channel: Channel) -> BlockingCalls.Lane {
        BlockingCalls.Lane(number: UInt64(channel.descriptor))
    }

    private func leave(_ channel: Channel, _ call: Late) {
        patience = .zero
        late[channel] = call
        // It would be told of at every turn.
        loop.watch(channel, readable: false, writable: false)
    }

    private func end(_ channel: Channel, _ ended: Call, _ result: ReadResult) {
        guard let call = late[channel], call.call === ended, call.result == nil else { return }
        guard !call.isClosed else {
            late[channel] = nil
            return whenClosed(channel.descriptor)
        }
        if result == .wouldBlock { goOn(channel) } else { late[channel]?.result = result }
        told.append(channel)
    }

    /// How long a call is waited for that nobody holds up: it needs a processor, and on a busy machine that takes its time.
    private static let longestEnd = Duration.milliseconds(250)

    /// Whether nothing of a channel is under way any more. Where nobody has the other end nobody holds the lock either, and the last words
    /// of a program are wanted when it has ended: then it is waited for.
    private func isBack(_ channel: Channel) -> Bool {
        guard let call = late[channel], call.result == nil else { return true }
        let found = supd_pipe_look(channel.descriptor)
        guard found >= 0, UInt32(found) & supd_hung_up != 0, call.call.isBack.wait(within: Self.longestEnd) else {
            return false
        }
        if call.call.result == .wouldBlock { goOn(channel) } else { late[channel]?.result = call.call.result }
        return true
    }

    private func take(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        guard let call = late[channel], let result = call.result else { return .underWay }
        guard case .bytes(let count) = result else {
            goOn(channel)
            return result
        }
        let part = call.room[call.taken..<count].prefix(buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
        if call.taken + part.count == count {
            goOn(channel)
        } else {
            late[channel]?.taken += part.count
            told.append(channel)
        }
        return .bytes(part.count)
    }

    /// Nothing holds it up any more.
    private func goOn(_ channel: Channel) {
        guard let call = late.removeValue(forKey: channel) else { return }
        loop.watch(channel, readable: call.isWatched, writable: false)
    }

    private func tryAgain(_ channel: Channel) -> ReadResult {
        told.append(channel)
        return .underWay
    }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        ReadResult(Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }
}
