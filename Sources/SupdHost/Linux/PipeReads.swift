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
    private enum Answer {
        case read(ReadResult)
        case resized(Bool)
    }

    /// A call that did not come back in time, and what it has read.
    private struct Late {
        let call: BlockingJob<Answer>
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

    /// How long a turn waits for calls, all of them together.
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
        let answer = call(channel, into: buffer, of: owner) { .read(Self.read(channel.descriptor, room)) }
        guard case .read(let result)? = answer else { return .underWay }
        return result
    }

    /// Has a pipe hold so many bytes. False where that is refused, or does not come back.
    func resize(_ channel: Channel, to bytes: Int) -> Bool {
        guard late[channel] == nil, patience > .zero else { return false }
        let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        let answer = call(channel, into: nothing, of: nil) {
            .resized(supd_resize_pipe(channel.descriptor, Int32(clamping: bytes)) >= 0)
        }
        guard case .resized(let isResized)? = answer else { return false }
        return isResized
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

    /// Makes a call on a thread, and waits for it while the turn's patience lasts. Nil where it is not back by then: it is told of later.
    private func call(
        _ channel: Channel, into room: UnsafeMutableRawBufferPointer, of owner: AnyObject?,
        _ body: @escaping @Sendable () -> Answer
    ) -> Answer? {
        let began = EventLoop.readClock()
        let job = calls.start(lane(of: channel), body) { [weak self] in self?.end(channel, $0) }
        if let answer = calls.result(of: job, within: patience) {
            patience -= EventLoop.readClock().duration(since: began)
            return answer
        }
        patience = .zero
        late[channel] = Late(call: job, owner: owner, room: room, isWatched: loop.isWatchedForReading(channel))
        // It would be told of at every turn.
        loop.watch(channel, readable: false, writable: false)
        return nil
    }

    private func end(_ channel: Channel, _ answer: Answer) {
        guard late[channel]?.isClosed != true else {
            late[channel] = nil
            return whenClosed(channel.descriptor)
        }
        note(channel, answer)
        told.append(channel)
    }

    /// A call is back. What it has read is there to be taken.
    private func note(_ channel: Channel, _ answer: Answer) {
        switch answer {
        case .read(.wouldBlock), .resized: goOn(channel)
        case .read(let result): late[channel]?.result = result
        }
    }

    /// How long a call is waited for that nobody holds up: it needs a processor, and on a busy machine that takes its time.
    private static let longestEnd = Duration.milliseconds(250)

    /// Whether nothing of a channel is under way any more. Where nobody has the other end nobody holds the lock either, and the last words
    /// of a program are wanted when it has ended: then it is waited for.
    private func isBack(_ channel: Channel) -> Bool {
        guard let waited = late[channel], waited.result == nil else { return true }
        let found = supd_pipe_look(channel.descriptor)
        guard found >= 0, UInt32(found) & supd_hung_up != 0,
            let answer = calls.result(of: waited.call, within: Self.longestEnd)
        else { return false }
        note(channel, answer)
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

    /// The turn's patience is at an end. What is watched is told of in the next one by itself.
    private func tryAgain(_ channel: Channel) -> ReadResult {
        if !loop.isWatchedForReading(channel) { told.append(channel) }
        return .underWay
    }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        ReadResult(Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }
}
