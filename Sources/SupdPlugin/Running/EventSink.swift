/// Something that has happened in the daemon.
public struct DaemonEvent: Hashable, Sendable {
    /// What it is.
    public enum Kind: Hashable, Sendable {
        /// An instance has changed its state.
        case service(ServiceSummary, from: ServiceState)
        /// What a health probe says of an instance has changed.
        case health(ServiceSummary, from: ServiceHealth)
        /// The daemon is ready: READY=1.
        case ready
        /// A drain has begun; why.
        case drainBegan(cause: String)
        /// A drain has come to a phase.
        case drainPhase(String)
        /// A drain is over; its report as a sentence.
        case drainEnded(summary: String)
        /// A drain was undone.
        case resumed
    }

    /// Counts up from 1 for each daemon; what is missing between two was dropped.
    public var number: UInt64
    /// When.
    public var time: WallTime
    /// What.
    public var kind: Kind

    /// The event `number`.
    public init(number: UInt64, time: WallTime, kind: Kind) {
        self.number = number
        self.time = time
        self.kind = kind
    }
}

/// Takes the daemon's events, one after the other, in order.
///
/// A sink that is slow delays nobody: up to 1,024 events wait for it, then the newest are dropped and counted, and the sink
/// sees the gap in their numbers. An error that it throws is logged, once a change, and the next event is given to it all
/// the same. In a drain it gets what waits within the phase `flush`; then its task is cancelled.
public protocol EventSink: Sendable {
    /// Takes one event. The next is given when this returns.
    func receive(_ event: DaemonEvent, _ context: PluginContext) async throws
}
