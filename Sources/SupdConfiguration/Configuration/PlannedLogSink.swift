package import SupdPlugin

/// A plugin's log sink, as one service has it.
package final class PlannedLogSink: Hashable, Sendable {
    /// Its name in the configuration.
    package let name: String
    /// The plugin it came from.
    package let plugin: String
    /// What takes the lines.
    package let sink: any LogSink

    /// A sink of these.
    package init(name: String, plugin: String, sink: any LogSink) {
        self.name = name
        self.plugin = plugin
        self.sink = sink
    }

    /// Whether the two are the same one.
    package static func == (lhs: PlannedLogSink, rhs: PlannedLogSink) -> Bool { lhs === rhs }

    /// Feeds which one it is.
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
