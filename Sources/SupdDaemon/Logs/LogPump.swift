import SupdHost
import SupdPlugin

/// Empties the pipes of one attempt into its instance's log.
///
/// How the supervisor uses it:
///
///     // Once, before anything is logged; the token is the router's alone.
///     let router = LogRouter(host: host, level: .info, format: .auto, retryTimer: TimerToken(kind: …))
///     router.daemonLog.info("started", ["pid": "\(host.ownPID)"])
///
///     // Once an instance; costs nothing until it writes. Kept over attempts, for `tail`.
///     let log = router.instanceLog(for: instance, configuration.log)
///
///     // After each spawn that has a pipe (`SpawnRequest.output == .pipe`); watches the channels itself.
///     let pump = LogPump(router: router, log: log, process: spawned, attempt: number)
///     // the supervisor keeps which pump a channel belongs to
///
///     // Events of the loop.
///     case .readable(let channel):  pump.readable(channel)     // `pump.isFinished` tells that the pipes have ended
///     case .writable(host.standardError):  router.standardErrorWritable()
///     case .timer(router.retryTimer):  router.retry()
///
///     // When the attempt is over and its tree proved gone (not at end of file, which a grandchild can put off):
///     pump.finish()
///
///     // `logs.read`
///     log.tail(100)                              // [LoggedLine], oldest first
///
///     // Flush phase of the drain: over when `router.pendingBytes == 0`, or at its deadline.
///     router.flush(); log.close()
///
/// A turn reads at most ``budget`` bytes of a channel: the loop is level-triggered and comes back, so a child that
/// floods delays the others by one such read and no more. Both `readable` and `finish` never wait.
final class LogPump {
    /// Bytes read of a channel in one turn: what a pipe holds unless its size was changed (pipe(7)).
    static let budget = 64 * 1024
    /// Bytes read of a channel at the end: what a pipe can be made to hold by anybody (/proc/sys/fs/pipe-max-size).
    static let finalBudget = 1024 * 1024

    private let router: LogRouter
    private let log: InstanceLog
    private let attempt: LogAttempt
    private var output: PipeEnd?
    private var errorOutput: PipeEnd?

    /// A pump for the pipes of `process`, which begins to watch them. A process without pipes is finished at once.
    init(router: LogRouter, log: InstanceLog, process: SpawnedProcess, attempt number: UInt64) {
        self.router = router
        self.log = log
        attempt = LogAttempt(instance: log.instance, pid: process.pid, number: number)
        output = process.output.map { PipeEnd(channel: $0, stream: .output, maximumLine: log.maximumLine) }
        errorOutput = process.errorOutput.map { PipeEnd(channel: $0, stream: .error, maximumLine: log.maximumLine) }
        for end in [output, errorOutput] {
            if let end { router.host.watch(end.channel, readable: true, writable: false) }
        }
    }

    /// Whether all pipes have ended and are closed.
    var isFinished: Bool { output == nil && errorOutput == nil }

    /// The channels that are still open.
    var channels: [Channel] { [output, errorOutput].compactMap { $0?.channel } }

    /// There is something to read in `channel`, or its other end has closed. A channel that is not this pump's, or not any
    /// more, changes nothing.
    func readable(_ channel: Channel) {
        guard let end = [output, errorOutput].compactMap({ $0 }).first(where: { $0.channel == channel }) else { return }
        if case .ended = read(end) { close(end) }
    }

    /// Reads what is left without waiting, at most ``finalBudget`` of each pipe, passes on a last line without a newline,
    /// and closes the pipes: who still holds the other end gets EPIPE. A second call does nothing.
    func finish() {
        for end in [output, errorOutput].compactMap({ $0 }) {
            var total = 0
            reading: while total < Self.finalBudget {
                switch read(end) {
                case .some(let count): total += count
                case .none, .ended: break reading
                }
            }
            close(end)
        }
    }

    private enum Progress {
        case some(Int)
        case none
        case ended
    }

    private func read(_ end: PipeEnd) -> Progress {
        let buffer = router.buffer.room(for: end.splitter.maximumLength + Self.budget)
        let held = end.splitter.placeHeld(in: buffer)
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[held..<held + Self.budget])
        switch router.host.read(end.channel, into: room) {
        case .bytes(let count):
            let time = router.host.wallClock()
            let filled = UnsafeRawBufferPointer(rebasing: buffer[..<(held + count)])
            end.splitter.split(filled) { log.write($0, from: end.stream, of: attempt, at: time) }
            return .some(count)
        case .wouldBlock:
            return .none
        case .end, .failed:
            // A pipe that cannot be read has nothing more to say; the exit is told by the pidfd alone.
            return .ended
        }
    }

    private func close(_ end: PipeEnd) {
        let time = router.host.wallClock()
        end.splitter.finish { log.write($0, from: end.stream, of: attempt, at: time) }
        router.host.close(end.channel)
        switch end.stream {
        case .output: output = nil
        case .error: errorOutput = nil
        }
    }
}

/// The reading end of one pipe and what it holds of an unfinished line.
private final class PipeEnd {
    let channel: Channel
    let stream: LogStream
    var splitter: LineSplitter

    init(channel: Channel, stream: LogStream, maximumLine: Int) {
        self.channel = channel
        self.stream = stream
        splitter = LineSplitter(maximumLength: maximumLine)
    }
}
