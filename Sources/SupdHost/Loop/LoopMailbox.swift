internal import CSupd
internal import SupdPlugin
internal import Synchronization

/// Where other threads leave closures for the loop's thread. The one lock in the daemon.
///
/// Its descriptor is closed with the last reference, so a thread that still holds one writes to no successor's.
public final class LoopMailbox: Sendable {
    private let closures = Mutex<[@Sendable () -> Void]>([])
    /// Readable while closures wait (eventfd(2)).
    let descriptor: Int32

    init() throws(LinuxHostFailure) {
        descriptor = try check(supd_eventfd_create(), "eventfd")
    }

    deinit {
        closeDescriptor(descriptor)
    }

    /// Has `closure` run on the loop's thread, inside `wait`, in the order of the calls. May be called from any thread.
    public func submit(_ closure: @escaping @Sendable () -> Void) {
        let wasEmpty = closures.withLock { waiting in
            waiting.append(closure)
            return waiting.count == 1
        }
        // Only the first wakes the loop: it takes all there are.
        if wasEmpty { _ = supd_eventfd_post(descriptor) }
    }

    /// Runs what waits now. What these closures submit runs in the next turn.
    func runAll() {
        _ = supd_eventfd_clear(descriptor)
        let taken = closures.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for closure in taken { closure() }
    }
}
