import SupdConfiguration
import SupdHost
import SupdPlugin

/// What logs need of the host.
typealias LogHost = HostClock & HostTimers & HostBytes & HostLogFiles & HostJournal

/// What all logs of the daemon share: the outlets, the daemon's own log, and the buffer that pipes are read into.
final class LogRouter {
    /// The daemon's own log.
    let daemonLog: DaemonLog
    /// The timer that the router arms where the journal has no room; `retry` is to be called when it fires.
    let retryTimer: TimerToken

    /// Who looks whether full sinks take anything.
    let stalls: StallWatch

    /// Pipes that are written to without a pause.
    let floods: FloodedPipes

    /// Files that nobody's lines go to any more, and that have not taken all yet.
    let leavingFiles = LeavingFiles()

    let host: any LogHost
    let buffer = ReadBuffer()
    private let standardError: StandardErrorOutlet
    private let journal: JournalOutlet
    /// What the files of all instances did not take.
    private let fileDrops = DropCount()
    private var lostAtEnd = 0
    /// The number of the last line of any service. Each is a byte's: how many of all lines there were to its end.
    private(set) var lastNumber: UInt64 = 0

    /// The logs of a daemon on `host`. `retryTimer`, `stallTimer` and `floodTimer` are tokens nobody else arms.
    init(
        host: any LogHost, level: LogLevel = .info, format: LogFormat = .auto, retryTimer: TimerToken,
        stallTimer: TimerToken, floodTimer: TimerToken
    ) {
        self.host = host
        floods = FloodedPipes(host: host, buffer: buffer, timer: floodTimer)
        self.retryTimer = retryTimer
        let standardError = StandardErrorOutlet(host: host, shape: format == .json ? .json : .text)
        let journal = JournalOutlet(host: host, timer: retryTimer)
        let usesJournal = format == .journal || format == .auto && host.hasJournal
        let daemonLog = DaemonLog(
            level: level, standardError: standardError, journal: usesJournal ? journal : nil,
            standardErrorIsJournal: host.hasJournal)
        self.standardError = standardError
        self.journal = journal
        self.daemonLog = daemonLog
        stalls = StallWatch(host: host, log: daemonLog, timer: stallTimer)
        journal.reachabilityChanged = { [unowned daemonLog, unowned journal] error in
            if let error {
                daemonLog.warning("the journal cannot be reached: \(error); it is tried again", kind: .journalGone)
            } else {
                daemonLog.notice(
                    "the journal can be reached again; \(plural(journal.droppedLines, "line was", "lines were")) dropped so far",
                    kind: .journalBack)
            }
        }
    }

    /// The log of one instance, to be kept over its attempts. Opens nothing and allocates next to nothing.
    /// `queue` takes its lines where a plugin's sink does.
    func instanceLog(
        for instance: InstanceName, _ configuration: LogConfiguration, queue: SinkQueue? = nil
    ) -> InstanceLog {
        InstanceLog(router: self, instance: instance, configuration, queue: queue)
    }

    /// The number of the last of lines that have come, which are so many bytes.
    func number(ofLast bytes: Int) -> UInt64 {
        lastNumber += UInt64(bytes)
        return lastNumber
    }

    /// Standard error has room again (`.writable(host.standardError)`).
    func standardErrorWritable() {
        standardError.writable()
    }

    /// `retryTimer` has fired.
    func retry() {
        journal.retry()
    }

    /// Bytes that wait for room on standard error or in the journal. The flush phase of a drain is over when it is 0.
    var pendingBytes: Int { standardError.pendingBytes + journal.pendingBytes }

    /// Lines of services, and of the daemon, that standard error, the journal and files did not take. What an instance has lost, whatever
    /// its sink, is in `InstanceLog.droppedLines`.
    var droppedLines: Int { standardError.droppedLines + journal.droppedLines + fileDrops.lines }

    /// Tries to pass on what waits, without waiting; nobody waits for a journal that is gone. For the end of a drain.
    func flush() {
        journal.retry()
        lostAtEnd += journal.giveUpUnlessReachable()
        standardError.writable()
    }

    /// Waits for the outlets no longer: what they have not taken is lost, as is from now on what they have no room for. It is said
    /// where there is another way to say it; standard error says it itself as soon as it has room. For the end of a drain.
    func giveUp() {
        if let lost = journal.giveUp(), !host.hasJournal {
            daemonLog.warning("the journal has not taken all in time; \(lost.wereLost)", kind: .linesDropped)
        }
        if let lost = standardError.giveUp(), daemonLog.usesJournal {
            daemonLog.warning("standard error has not taken all in time; \(lost.wereLost)", kind: .linesDropped)
        }
    }

    /// Says what was lost so, where that can be said elsewhere than in the journal.
    func tellLost() {
        guard lostAtEnd > 0, !host.hasJournal else { return }
        daemonLog.warning("\(lostAtEnd.wereLost): the journal could not be reached", kind: .linesDropped)
        lostAtEnd = 0
    }

    /// Where the lines of `instance` go whose destination is `former`, which it stays where only its settings differ. A file that was on
    /// its way out is taken back. What a file drops is counted in what `drops` gives.
    func destination(
        after former: LogDestination, for instance: InstanceName, _ configuration: LogConfiguration,
        _ queue: SinkQueue?, drops: () -> DropCount
    ) -> LogDestination {
        if let queue { return .plugin(queue) }
        switch configuration.sink {
        case .auto: return host.hasJournal ? .journal(journal) : .standardError(standardError)
        // What comes by a pipe all the same had no stream of its own.
        case .journal, .journalDirect: return .journal(journal)
        case .stderr: return .standardError(standardError)
        case .inherit, .none: return .none
        case .file:
            guard let path = configuration.file else { return .standardError(standardError) }
            var settings = LogFileSettings(path: path)
            settings.rotateSize = configuration.rotateSize
            settings.rotateKeep = configuration.rotateKeep
            settings.owner = configuration.owner
            settings.mode = UInt32(configuration.mode)
            guard let file = former.file(at: path) ?? leavingFiles.take(path) else {
                return .file(
                    FileSink(
                        host: host, buffer: buffer, log: daemonLog, of: instance, settings, drops: drops(),
                        total: fileDrops))
            }
            file.goOn(as: instance, settings, drops: drops())
            return .file(file)
        }
    }
}
