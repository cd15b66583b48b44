import SupdHost
import SupdPlugin

/// Pipes that are written to without a pause: each is made larger, and is read at a pace in place of whenever it is written to.
///
/// Who writes line by line would else wake the loop for every few of them, and be slowed down by that: each write to a pipe that
/// epoll(7) watches asks whom to wake. A number of pipes at most are large, each for no longer than it is written to: then kernel memory, and
/// what a user may have of it (/proc/sys/fs/pipe-user-pages-soft), is given back. Where a pipe cannot be made larger it is watched as ever:
/// a usual one would be full long before it is read.
final class FloodedPipes {
    /// So many pipes are large at a time.
    static let limit = 16
    /// What a large one holds: as much as anybody may have one hold (/proc/sys/fs/pipe-max-size).
    static let largeBytes = 1024 * 1024
    /// What a pipe holds unless its size was changed (pipe(7)).
    static let usualBytes = 64 * 1024
    /// How often they are read at least, and at most.
    static let longestPause: Duration = .milliseconds(1)
    static let shortestPause: Duration = .microseconds(250)
    /// One that nothing was written to for so long is watched again.
    static let patience: Duration = .milliseconds(10)
    /// What a read is to find: as much as the processor has at hand with what becomes of it.
    static let wantedBytes = 96 * 1024
    /// After so many reads in a row, each right after the one before or of a full pipe, it counts as one of them.
    static let quickReads = 8
    /// Where it could not be made larger, that is tried again after so many.
    static let refusedReads = 1000

    /// `takeDue` is to be called when it fires.
    let timer: TimerToken
    private let host: any HostClock & HostTimers & HostBytes
    private let buffer: ReadBuffer
    private var large = 0 {
        didSet { if (large == 0) != (oldValue == 0) { buffer.expectFlood(large > 0) } }
    }
    /// Those of them that are to be read, and when.
    private var read: [Channel] = []
    private var dueAt = MonotonicInstant(nanoseconds: .max)

    /// One on `host`, for pipes that are read into `buffer`; `timer` is a token nobody else arms.
    init(host: any HostClock & HostTimers & HostBytes, buffer: ReadBuffer, timer: TimerToken) {
        self.host = host
        self.buffer = buffer
        self.timer = timer
    }

    /// Makes a pipe large, and has it read from now on. False where it stays as it is.
    func takeIn(_ channel: Channel) -> Bool {
        guard large < Self.limit, host.resizePipe(channel, to: Self.largeBytes) else { return false }
        large += 1
        host.watch(channel, readable: false, writable: false)
        goOn(channel)
        return true
    }

    /// Has one of them be what it was. False where there is too much in it for that.
    func letGo(_ channel: Channel) -> Bool {
        guard host.resizePipe(channel, to: Self.usualBytes) else { return false }
        forget(channel)
        host.watch(channel, readable: true, writable: false)
        return true
    }

    /// One of them is closed.
    func forget(_ channel: Channel) {
        large -= 1
        pause(channel)
    }

    /// One of them is not to be read.
    func pause(_ channel: Channel) {
        read.removeAll { $0 == channel }
        guard read.isEmpty else { return }
        host.disarm(timer)
        dueAt = MonotonicInstant(nanoseconds: .max)
    }

    /// It is to be read again.
    func goOn(_ channel: Channel) {
        guard !read.contains(channel) else { return }
        read.append(channel)
        comeBack(after: Self.longestPause)
    }

    /// One of them has more than was read: that is read in the next turn.
    func readOn() { comeBack(after: .zero) }

    /// One of them is empty, after so many bytes in `time`: they are read again when there is as much as is wanted.
    func note(_ bytes: Int, in time: Duration) {
        let nanoseconds = Double(time.clampedNanoseconds) / Double(max(1, bytes)) * Double(Self.wantedBytes)
        let longest = Double(Self.longestPause.clampedNanoseconds)
        comeBack(after: max(Self.shortestPause, .nanoseconds(Int64(min(nanoseconds, longest)))))
    }

    /// Those that are to be read now.
    func takeDue() -> [Channel] {
        dueAt = MonotonicInstant(nanoseconds: .max)
        if !read.isEmpty { comeBack(after: Self.longestPause) }
        return read
    }

    private func comeBack(after pause: Duration) {
        let at = host.now.advanced(by: pause)
        guard at < dueAt, !read.isEmpty else { return }
        dueAt = at
        host.arm(timer, at: at)
    }
}
