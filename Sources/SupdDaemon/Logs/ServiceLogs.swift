import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The logs of all instances: which pump empties the pipes of each, and which task a pump is.
final class ServiceLogs {
    /// What all logs share.
    let router: LogRouter
    /// The lines that somebody follows.
    let feed = LineFeed()
    /// Made at the first start.
    private struct Entry {
        let log: InstanceLog
        /// What empties the pipes of the main process.
        var pump: LogPump?
    }

    private var entries = IdentityMap<InstanceID, Entry>()
    /// Main processes that write into the pipes of the first one, and may have done so before that was known.
    private var successors = [InstanceID: (pid: Int32, first: Int32)]()
    private let channels: ChannelTable
    private var pumpOfCommand = [ProcessHandle: LogPump]()
    /// Pumps of attempts and commands that are over and have something left.
    private var leaving: [LogPump] = []

    /// Instances that have written the line that was waited for.
    private var found: [InstanceID] = []

    /// Those of a daemon whose channels are in `channels`.
    init(router: LogRouter, channels: ChannelTable = ChannelTable()) {
        self.router = router
        self.channels = channels
    }

    /// Has an instance be told of by `takeFound` once `process` has written a line that fits. Nothing where its output is read by nobody.
    func await(_ pattern: Glob, of instance: InstanceID, process: Int32) {
        entries[instance]?.log.await(pattern, of: process) { [unowned self] in found.append(instance) }
    }

    /// Whether `takeFound` has any.
    var hasFound: Bool { !found.isEmpty }

    /// Those that have written what was waited for, since this was asked last.
    func takeFound() -> [InstanceID] {
        if found.isEmpty { return [] }
        defer { found.removeAll(keepingCapacity: true) }
        return found
    }

    /// Those that it knows anything of.
    var instances: [InstanceID] { Array(entries.ids) }

    private var logs: [InstanceLog] { entries.ids.map { entries[existing: $0].log } }

    /// Begins to empty the pipes of an attempt. `configuration` has its specifiers replaced.
    func attach(
        _ instance: InstanceID, name: InstanceName, attempt: UInt64, process: SpawnedProcess,
        configuration: LogConfiguration, queue: SinkQueue?, task: TaskID?
    ) {
        guard process.output != nil || process.errorOutput != nil else {
            // Its sink is left where the attempts before it had one.
            return change(instance, name: name, configuration: configuration, queue: queue)
        }
        let pump = makePump(instance, name, attempt, process, configuration, queue, task)
        entries[instance]?.pump = pump
        successors[instance] = nil
    }

    /// Begins to empty the pipes of a command of an attempt, into the same log.
    func attach(
        commandOf instance: InstanceID, name: InstanceName, attempt: UInt64, process: SpawnedProcess,
        configuration: LogConfiguration, queue: SinkQueue?
    ) {
        guard process.output != nil || process.errorOutput != nil else { return }
        pumpOfCommand[process.handle] = makePump(instance, name, attempt, process, configuration, queue)
    }

    private func makePump(
        _ instance: InstanceID, _ name: InstanceName, _ attempt: UInt64, _ process: SpawnedProcess,
        _ configuration: LogConfiguration, _ queue: SinkQueue?, _ task: TaskID? = nil
    ) -> LogPump {
        let log = log(of: instance, name, configuration, queue)
        let pump = LogPump(log: log, process: process, attempt: attempt, task: task)
        for channel in pump.channels { channels[channel] = .service(pump) }
        return pump
    }

    private func log(
        of instance: InstanceID, _ name: InstanceName, _ configuration: LogConfiguration, _ queue: SinkQueue?
    ) -> InstanceLog {
        guard let log = entries[instance]?.log else {
            let log = router.instanceLog(for: name, configuration, queue: queue)
            log.tap = tap(of: instance)
            entries[instance] = Entry(log: log)
            return log
        }
        // It may have been scaled, and have another name than before.
        log.change(name, configuration, queue: queue)
        return log
    }

    /// Has the log of an instance go on by another configuration, whose specifiers are replaced, under what runs: no line is lost, and
    /// who was held up by the sink that was goes on. Nothing where it has no log yet. Where the lines are to go nowhere, those of what
    /// runs go where they went; whether there is a pipe, and how many, is decided when a process is started.
    func change(_ instance: InstanceID, name: InstanceName, configuration: LogConfiguration, queue: SinkQueue?) {
        entries[instance]?.log.change(name, configuration, queue: queue)
    }

    /// Closes the files of `instances` once what is under way is written, and opens what their paths name for the next line. Answers
    /// how many log files that are.
    func reopen(_ instances: [InstanceID]) -> Int {
        instances.count { entries[$0]?.log.reopen() == true }
    }

    /// The same for all, and for those that are on their way out, which do not count.
    func reopenAll() -> Int {
        router.leavingFiles.reopen()
        return logs.count { $0.reopen() }
    }

    /// The instance is gone for good: its memory is freed, and its file closed once it has taken what there is. A pump that it still has
    /// is finished; `takeEnded` tells of its task.
    func remove(_ instance: InstanceID) {
        guard let entry = entries[instance] else { return }
        entries[instance] = nil
        successors[instance] = nil
        if let pump = entry.pump {
            pump.finish()
            leaving.append(pump)
        }
        entry.log.leave()
    }

    /// Reads what is left of the instance's pipes and closes them, as its sink takes it. Answers the task that is over, if there was
    /// one and nothing is left; else `takeEnded` does, later.
    func finish(_ instance: InstanceID) -> TaskID? {
        guard let pump = entries[instance]?.pump else { return nil }
        entries[instance]?.pump = nil
        return finish(pump) ? pump.task : nil
    }

    /// The instances whose pipes are still read.
    var unfinished: [InstanceID] { entries.ids.filter { entries[$0]?.pump != nil } }

    /// Reads what is left of a command's pipes and closes them, as its sink takes it.
    func finish(commandOf process: SpawnedProcess) {
        if let pump = pumpOfCommand.removeValue(forKey: process.handle) { _ = finish(pump) }
    }

    private func finish(_ pump: LogPump) -> Bool {
        pump.finish()
        if pump.isFinished { forget(pump) } else { leaving.append(pump) }
        return pump.isFinished
    }

    private func forget(_ pump: LogPump) {
        for channel in pump.channels { channels[channel] = nil }
    }

    /// Whether `takeEnded` may have any.
    var hasLeaving: Bool { !leaving.isEmpty }

    /// The tasks of pumps that had something left, and have not any more.
    func takeEnded() -> [TaskID] {
        guard !leaving.isEmpty else { return [] }
        let ended = leaving.filter(\.isFinished)
        leaving.removeAll(where: \.isFinished)
        ended.forEach(forget)
        return ended.compactMap(\.task)
    }

    /// Waits for no sink any more, for the end of a drain: what is left of attempts that are over is read, and dropped where there is no
    /// room for it; what sinks have not taken by now is lost, and said to be.
    func giveUp() {
        for pump in leaving { pump.giveUp() }
        giveUpFiles()
        router.giveUp()
    }

    private func giveUpFiles() {
        for log in logs { log.giveUp() }
        router.leavingFiles.giveUp()
    }

    /// Whether every line has left the daemon that is not in the pipe of something that runs.
    var isSettled: Bool {
        router.pendingBytes == 0 && leaving.isEmpty && router.leavingFiles.pendingBytes == 0
            && logs.allSatisfy { $0.pendingBytes == 0 }
    }

    /// How much is answered of a line that has not ended.
    static let unfinishedBytes = 4096

    /// How many bytes of an instance's lines are in memory.
    func memoryInUse(of instance: InstanceID) -> Int { entries[instance]?.log.memoryInUse ?? 0 }

    // MARK: Following

    /// Somebody follows an instance, which need not have written anything yet.
    func follow(_ instance: InstanceID) {
        feed.follow(instance)
        entries[instance]?.log.tap = tap(of: instance)
    }

    /// Somebody follows it no more, and others still.
    func leave(_ instance: InstanceID) {
        feed.leave(instance)
        entries[instance]?.log.tap = tap(of: instance)
    }

    /// Somebody who followed these is gone.
    func unfollow(_ instances: some Sequence<InstanceID>) {
        feed.end(instances)
        for instance in instances { entries[instance]?.log.tap = tap(of: instance) }
    }

    private func tap(of instance: InstanceID) -> LineTap? {
        feed.isFollowed(instance) ? LineTap(feed: feed, instance: instance) : nil
    }

    // MARK: Reading

    /// The last lines of an instance.
    func read(
        _ instance: InstanceID, name: InstanceName, _ question: LogQuestion, configuration: LogConfiguration
    ) -> ServiceLog {
        var answer = ServiceLog(
            name: name.description, lines: [], separateStderr: configuration.standardError == .separate)
        answer.shortage = configuration.nothingIsKept.map { .known($0) }
        guard let log = entries[instance]?.log else { return answer }
        if question.before == nil {
            answer.unfinished = log.unfinished(atMost: min(question.bytes, Self.unfinishedBytes)).map { LogLine($0) }
        }
        answer.dropped = log.droppedLines
        guard let tail = log.tail(question) else { return answer }
        answer.lines = tail.lines.map { LogLine($0) }
        answer.earlier = tail.earlier
        if tail.isFull || tail.isIncomplete || !tail.lines.isEmpty {
            // Who goes on after a line wants all that came since, however many lines were asked for.
            let isShort = tail.lines.count < question.lines || question.after != nil
            answer.shortage = !isShort ? nil : tail.isFull ? .known(.reply) : tail.isIncomplete ? .known(.memory) : nil
        }
        return answer
    }

    /// The main process is another from now on, and writes into the pipes that were made for `first`.
    func note(successor pid: Int32, of first: Int32, _ instance: InstanceID) {
        successors[instance] = (pid, first)
        entries[instance]?.pump?.goOn(as: pid)
    }

    /// The last line that a process of an instance has written, as part of a sentence; nil where memory has none of it.
    func lastWords(of instance: InstanceID, process pid: Int32) -> String? {
        let lines = entries[instance]?.log.tail(LogQuestion(lines: Self.linesLookedAt))?.lines ?? []
        let successor = successors[instance]
        let pids = successor?.pid == pid ? [pid, successor?.first] : [pid]
        let line = lines.last { pids.contains($0.pid) && !$0.text.allSatisfy(\.isWhitespace) }
        return line.map { FatalReason.shown($0.text, atMost: Self.longestWords) }
    }

    /// Of the last lines an empty one, or another command's, says nothing.
    private static let linesLookedAt = 8
    private static let longestWords = 120

    /// Passes on what waits, and closes the files. What they have not taken by now is lost, and said to be.
    func close() {
        giveUpFiles()
        for log in logs { log.close() }
        router.flush()
        router.tellLost()
    }
}

extension LogLine {
    init(_ line: LoggedLine) {
        self.init(
            sequence: line.number, time: line.time, stream: line.stream == .error ? .stderr : .stdout, text: line.text,
            level: line.level, truncated: !line.flags.isDisjoint(with: [.cut, .shortened]))
    }
}

extension LogConfiguration {
    /// Why no lines are in memory, where that is how it is meant to be.
    fileprivate var nothingIsKept: ServiceLog.Shortage? {
        switch sink {
        case .none where planned == nil: .sinkNone
        case .inherit where planned == nil: .sinkInherit
        case .journalDirect where planned == nil: .sinkJournalDirect
        default: memory == 0 ? .memoryOff : nil
        }
    }
}
