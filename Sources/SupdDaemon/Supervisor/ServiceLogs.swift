import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The logs of all instances: which pump a channel belongs to, and which task a pump is.
final class ServiceLogs {
    /// What all logs share.
    let router: LogRouter
    /// Made at an instance's first start.
    private var logs: [InstanceLog?]
    private var pumps: [LogPump?]
    private var tasks: [TaskID?]
    private var pumpOfChannel: [Channel: LogPump] = [:]
    private var pumpOfCommand: [ProcessHandle: LogPump] = [:]

    init(router: LogRouter, instances: Int) {
        self.router = router
        logs = Array(repeating: nil, count: instances)
        pumps = Array(repeating: nil, count: instances)
        tasks = Array(repeating: nil, count: instances)
    }

    /// There is one instance more.
    func addInstance() {
        logs.append(nil)
        pumps.append(nil)
        tasks.append(nil)
    }

    /// Begins to empty the pipes of an attempt. `configuration` has its specifiers replaced.
    func attach(
        _ instance: Int, name: InstanceName, attempt: UInt64, process: SpawnedProcess,
        configuration: LogConfiguration, queue: SinkQueue?, task: TaskID?
    ) {
        guard process.output != nil || process.errorOutput != nil else { return }
        pumps[instance] = makePump(instance, name, attempt, process, configuration, queue)
        tasks[instance] = task
    }

    /// Begins to empty the pipes of a command of an attempt, into the same log.
    func attach(
        commandOf instance: Int, name: InstanceName, attempt: UInt64, process: SpawnedProcess,
        configuration: LogConfiguration, queue: SinkQueue?
    ) {
        guard process.output != nil || process.errorOutput != nil else { return }
        pumpOfCommand[process.handle] = makePump(instance, name, attempt, process, configuration, queue)
    }

    private func makePump(
        _ instance: Int, _ name: InstanceName, _ attempt: UInt64, _ process: SpawnedProcess,
        _ configuration: LogConfiguration, _ queue: SinkQueue?
    ) -> LogPump {
        let log = log(of: instance, name, configuration, queue)
        logs[instance] = log
        let pump = LogPump(router: router, log: log, process: process, attempt: attempt)
        for channel in pump.channels { pumpOfChannel[channel] = pump }
        return pump
    }

    private func log(
        of instance: Int, _ name: InstanceName, _ configuration: LogConfiguration, _ queue: SinkQueue?
    ) -> InstanceLog {
        let old = logs[instance]
        if let old, old.instance == name { return old }
        // It was scaled, and has another name than before.
        old?.close()
        return router.instanceLog(for: name, configuration, queue: queue, former: old)
    }

    /// There is something to read in a channel. One that is no pump's changes nothing.
    func readable(_ channel: Channel) {
        guard let pump = pumpOfChannel[channel] else { return }
        pump.readable(channel)
        if !pump.channels.contains(channel) { pumpOfChannel[channel] = nil }
    }

    /// Reads what is left of the instance's pipes and closes them. Answers the task that is over, if there was one.
    func finish(_ instance: Int) -> TaskID? {
        guard let pump = pumps[instance] else { return nil }
        finish(pump)
        pumps[instance] = nil
        defer { tasks[instance] = nil }
        return tasks[instance]
    }

    /// Reads what is left of a command's pipes and closes them.
    func finish(commandOf process: SpawnedProcess) {
        if let pump = pumpOfCommand.removeValue(forKey: process.handle) { finish(pump) }
    }

    private func finish(_ pump: LogPump) {
        for channel in pump.channels { pumpOfChannel[channel] = nil }
        pump.finish()
    }

    /// The last lines of an instance.
    func read(_ instance: Int, name: InstanceName, lines: Int) -> ServiceLog {
        guard let log = logs[instance] else { return ServiceLog(name: name.description, lines: []) }
        return ServiceLog(name: name.description, lines: log.tail(lines).map(LogLine.init), dropped: log.droppedLines)
    }

    /// The last line that a process of an instance has written, as part of a sentence; nil where memory has none of it.
    func lastWords(of instance: Int, process pid: Int32) -> String? {
        let lines = logs[instance]?.tail(Self.linesLookedAt) ?? []
        let line = lines.last { $0.pid == pid && !$0.text.allSatisfy(\.isWhitespace) }
        return line.map { FatalReason.shown($0.text, atMost: Self.longestWords) }
    }

    /// Of the last lines an empty one, or another command's, says nothing.
    private static let linesLookedAt = 8
    private static let longestWords = 120

    /// Passes on what waits, and closes the files.
    func close() {
        router.flush()
        for log in logs { log?.close() }
    }
}

extension LogLine {
    init(_ line: LoggedLine) {
        self.init(
            time: line.time, stream: line.stream == .error ? .stderr : .stdout, text: line.text,
            truncated: line.flags.contains(.cut))
    }
}

extension DaemonLog {
    /// Says something of one instance. Programs get its name as fields; people read it in the message.
    func write(_ level: LogLevel, _ message: @autoclosure () -> String, about instance: InstanceName) {
        guard level >= self.level else { return }
        let names: KeyValuePairs = ["service": instance.service.rawValue, "instance": instance.description]
        let fields = isForPrograms ? names : [:]
        switch level {
        case .debug: debug(message(), fields)
        case .info: info(message(), fields)
        case .notice: notice(message(), fields)
        case .warning: warning(message(), fields)
        case .error: error(message(), fields)
        }
    }
}
