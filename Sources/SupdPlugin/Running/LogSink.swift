/// A line that a service has written.
public struct LogEntry: Hashable, Sendable {
    /// Which output it came from.
    public enum Stream: String, Hashable, Sendable {
        /// Standard output, or both where they share a pipe.
        case output = "stdout"
        /// Standard error with a pipe of its own.
        case error = "stderr"
    }

    /// Whose line it is.
    public var service: InstanceName
    /// The main process of the attempt that wrote it.
    public var pid: Int32
    /// The attempt's number.
    public var attempt: UInt64
    /// When it was read.
    public var time: WallTime
    /// Which output it came from.
    public var stream: Stream
    /// The line without its level and its end, else as it was written: it may hold anything but a newline.
    public var bytes: [UInt8]
    /// How grave the line says that it is; nil where it says nothing.
    public var level: SyslogLevel?
    /// Whether it was over `max_line`: the next entry of the stream goes on with it.
    public var isCut: Bool

    /// An entry of these.
    public init(
        service: InstanceName, pid: Int32, attempt: UInt64, time: WallTime, stream: Stream = .output, bytes: [UInt8],
        level: SyslogLevel? = nil, isCut: Bool = false
    ) {
        self.service = service
        self.pid = pid
        self.attempt = attempt
        self.time = time
        self.stream = stream
        self.bytes = bytes
        self.level = level
        self.isCut = isCut
    }

    /// The line as text; bytes that are not UTF-8 are replaced by U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Where a service's lines go: `log = { sink = "NAME" }`, or `log = { sink = { type = "NAME", … } }`.
///
/// There is one for each service that names it; all of the service's instances write to it. Up to 256 KiB of
/// lines wait for a sink that is slow; then the service waits in write(2), or with `overflow = "drop"` the newest are dropped and counted, and
/// the log says so. Nobody else is delayed. An error that
/// it throws is logged, once a change; the entries of that call count as dropped, and the next are given to it all the
/// same. In a drain it gets what waits within the phase `flush`; then its task is cancelled. The last lines of a service
/// are in the daemon's memory all the same, for `supctl logs`.
public protocol LogSink: Sendable {
    /// Takes what was written since the last call, in order, at least one entry. The next are given when this returns.
    func write(_ entries: [LogEntry], _ context: PluginContext) async throws
}
