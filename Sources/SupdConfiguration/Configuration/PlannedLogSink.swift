public import SupdPlugin

/// A plugin's log sink, as one service has it.
public final class PlannedLogSink: Hashable, Sendable {
    /// Its name in the configuration.
    public let name: String
    /// The plugin it came from.
    public let plugin: String
    /// What takes the lines.
    public let sink: any LogSink

    /// A sink of these.
    public init(name: String, plugin: String, sink: any LogSink) {
        self.name = name
        self.plugin = plugin
        self.sink = sink
    }

    /// Whether the two are the same one.
    public static func == (lhs: PlannedLogSink, rhs: PlannedLogSink) -> Bool { lhs === rhs }

    /// Feeds which one it is.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
