/// What simulated work off the loop does with its life.
public struct WorkScript: Hashable, Sendable {
    /// How long it takes; nil for ever.
    public var duration: Duration?
    /// What it throws at its end.
    public var error: String?
    /// How long after a cancellation it ends; nil where it does not care.
    public var endsAfterCancel: Duration?

    /// Ends by itself after a time, and at once where it is cancelled.
    public static func ends(after duration: Duration = .zero, error: String? = nil) -> WorkScript {
        WorkScript(duration: duration, error: error, endsAfterCancel: .zero)
    }

    /// Runs until it is cancelled, and then for so long.
    public static func waits(afterCancel: Duration = .zero) -> WorkScript {
        WorkScript(duration: nil, error: nil, endsAfterCancel: afterCancel)
    }

    /// Never ends.
    public static var hangs: WorkScript { WorkScript(duration: nil, error: nil, endsAfterCancel: nil) }
}
