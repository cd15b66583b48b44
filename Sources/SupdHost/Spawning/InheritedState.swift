internal import CSupd

/// What the process had from whoever started it: descriptors beside the standard three, signals that are ignored or blocked. A
/// command that is run in the daemon's place (`supd run`) finds all of it.
final class InheritedState {
    /// More are not passed on: nobody opens so many for a command.
    private static let maximum = 1024

    private let descriptors: UnsafeMutablePointer<Int32>
    private let count: Int
    private let ignored: supd_signal_set
    /// Signals that a child of the daemon finds ignored, unless somebody sees to it.
    let ignoredInChildren: supd_signal_set
    private let blocked: supd_signal_set

    /// That of this process as it is now.
    init() {
        ignored = supd_signals_ignored()
        ignoredInChildren = SignalSet.ignored(atStart: ignored)
        blocked = supd_signals_blocked()
        var numbers = [Int32](repeating: 0, count: Self.maximum)
        count = Int(supd_open_descriptors(3, &numbers, Int32(Self.maximum)))
        descriptors = .allocate(capacity: max(1, count))
        descriptors.initialize(from: numbers, count: max(1, count))
    }

    deinit { descriptors.deallocate() }

    /// Has a child keep it. The request is good for as long as this is there.
    func apply(to request: inout supd_spawn_request) {
        request.ignored_signals = ignored
        request.blocked_signals = blocked
        request.kept = UnsafePointer(descriptors)
        request.kept_count = count
    }
}
