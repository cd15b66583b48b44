public import SupdJSON
import SupdPlugin

/// What was decided after the end of an attempt that nobody had ordered.
public struct EndDecision: Hashable, Sendable {
    /// What becomes of the instance.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// It is run again.
        case restart
        /// It is left as it is.
        case stay
        /// It is given up: FATAL.
        case giveUp = "give-up"
    }

    /// What it was decided by.
    public enum Basis: String, Hashable, Sendable, CaseIterable {
        /// The restart policy.
        case policy
        /// `restart_force_exit_status`, whatever the policy says.
        case restartForce = "restart_force_exit_status"
        /// `restart_prevent_exit_status`, whatever the policy says.
        case restartPrevent = "restart_prevent_exit_status"
        /// `start_limit_burst` and `start_limit_interval`.
        case startLimit = "start-limit"
        /// The system was short of something, or something was in the way, which is no fault of the service's.
        case resources
        /// A oneshot has done its work.
        case oneshot
    }

    /// What becomes of it.
    public var outcome: WireWord<Outcome>
    /// What that was decided by.
    public var basis: WireWord<Basis>
    /// The name of its restart policy, whether that was asked or not.
    public var policy: String
    /// How long it waits before it is run again; nil where it does not wait.
    public var delay: Duration?
    /// What else there is to say: the limit that was reached, or the policy's own reason.
    public var detail: String?

    /// A decision of these.
    public init(_ outcome: Outcome, by basis: Basis, policy: String, delay: Duration? = nil, detail: String? = nil) {
        self.outcome = .known(outcome)
        self.basis = .known(basis)
        self.policy = policy
        self.delay = delay
        self.detail = detail
    }
}

extension EndDecision: WireValue {
    /// Writes `{"outcome":…,"by":…,"policy":…}`, and `delay` and `detail` where there are any.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("outcome", outcome.rawValue)
        writer.member("by", basis.rawValue)
        writer.member("policy", policy)
        if let delay { writer.member("delay", delay) }
        if let detail { writer.member("detail", detail) }
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        outcome = try reader.word("outcome")
        basis = try reader.word("by")
        policy = try reader.string("policy")
        delay = try reader.optionalDuration("delay")
        detail = try reader.optionalString("detail")
    }
}
