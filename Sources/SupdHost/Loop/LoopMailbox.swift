internal import CSupd
internal import SupdPlugin

/// Where other threads leave closures for the loop's thread.
///
/// What the daemon has locks for is what passes between that thread and others, as here; each is held for a moment, and never
/// while anything is called that may wait or that has a lock of its own. All other state belongs to the loop's thread (`LoopThread`).
///
/// Its descriptor is the loop's to close (`close`): who lets the last reference go may be a thread of another process that shares the
/// memory, and has another table of descriptors.
package final class LoopMailbox: @unchecked Sendable {
    private struct Waiting {
        var closures: [@Sendable () -> Void] = []
        /// The loop is told, or about to be.
        var isTold = false
        /// There is no loop any more that would run them.
        var isClosed = false
    }

    private let lock = RobustLock()
    /// With the lock.
    private var waiting = Waiting()
    /// The loop's: the one that made this.
    let thread = LoopThread()
    /// Readable while closures wait (eventfd(2)).
    let descriptor: Int32

    init() throws(LinuxHostFailure) {
        descriptor = try check(supd_eventfd_create(), "eventfd")
    }

    /// Has `closure` run on the loop's thread, inside `wait`, in the order of the calls. May be called from any thread. Nothing once the loop
    /// is gone.
    package func submit(_ closure: @escaping @Sendable () -> Void) {
        lock.withLock {
            guard !waiting.isClosed else { return }
            waiting.closures.append(closure)
            // Only the first wakes the loop: it takes all there are. Where that fails the next one tries it again. Inside of the lock,
            // as the loop closes the descriptor: behind it the number could be another file's by now.
            if !waiting.isTold { waiting.isTold = supd_eventfd_post(descriptor) >= 0 }
        }
    }

    /// Runs what waits now. What these closures submit runs in the next turn.
    func runAll() {
        thread.assertIsCurrent()
        _ = supd_eventfd_clear(descriptor)
        let taken = lock.withLock {
            defer { waiting = Waiting() }
            return waiting.closures
        }
        for closure in taken { closure() }
    }

    /// The loop is gone: what waits is dropped, and whatever that holds, and nothing is taken any more.
    func close() {
        let dropped = lock.withLock {
            defer { waiting = Waiting(isClosed: true) }
            return waiting.closures
        }
        _ = dropped
        closeDescriptor(descriptor)
    }
}
