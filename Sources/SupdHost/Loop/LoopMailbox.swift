internal import CSupd
internal import SupdPlugin
internal import Synchronization

/// Where other threads leave closures for the loop's thread.
///
/// What the daemon has locks for is what passes between that thread and others, as here; each is held for a moment, and never
/// while anything is called. All other state belongs to the loop's thread (`LoopThread`).
///
/// Its descriptor is closed with the last reference, so a thread that still holds one writes to no successor's.
package final class LoopMailbox: Sendable {
    private struct Waiting {
        var closures: [@Sendable () -> Void] = []
        /// The loop is told, or about to be.
        var isTold = false
    }

    private let waiting = Mutex(Waiting())
    /// The loop's: the one that made this.
    let thread = LoopThread()
    /// Readable while closures wait (eventfd(2)).
    let descriptor: Int32

    init() throws(LinuxHostFailure) {
        descriptor = try check(supd_eventfd_create(), "eventfd")
    }

    deinit {
        closeDescriptor(descriptor)
    }

    /// Has `closure` run on the loop's thread, inside `wait`, in the order of the calls. May be called from any thread.
    package func submit(_ closure: @escaping @Sendable () -> Void) {
        let tells = waiting.withLock { waiting in
            waiting.closures.append(closure)
            defer { waiting.isTold = true }
            return !waiting.isTold
        }
        // Only the first wakes the loop: it takes all there are. Where that fails the next one tries it again.
        if tells, supd_eventfd_post(descriptor) < 0 { waiting.withLock { $0.isTold = false } }
    }

    /// Runs what waits now. What these closures submit runs in the next turn.
    func runAll() {
        thread.assertIsCurrent()
        _ = supd_eventfd_clear(descriptor)
        let taken = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.closures
        }
        for closure in taken { closure() }
    }
}
