public import SupdJSON

/// How far a drain is: `drain` of `supervisor.status`.
public struct DrainStatus: Hashable, Sendable {
    /// Why there is one.
    public var cause: String
    /// The phase that it is in.
    public var phase: WireWord<TaskStatus.Phase>
    /// How long until what is left of the phase is cancelled, or abandoned where it was cancelled before.
    public var phaseLeft: Duration
    /// How long until the drain is over, whatever happens.
    public var left: Duration

    /// A drain of these.
    public init(cause: String, phase: TaskStatus.Phase, phaseLeft: Duration, left: Duration) {
        self.cause = cause
        self.phase = .known(phase)
        self.phaseLeft = phaseLeft
        self.left = left
    }
}

extension DrainStatus: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("cause", cause)
        writer.member("phase", phase.rawValue)
        writer.member("phase_left", phaseLeft)
        writer.member("left", left)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        cause = try reader.string("cause")
        phase = try reader.word("phase")
        phaseLeft = try reader.duration("phase_left")
        left = try reader.duration("left")
    }
}
