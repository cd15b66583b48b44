import Glibc
import Synchronization

/// In a test's process the first thread sits in sigsuspend(2) with no signal blocked (libdispatch), and takes
/// every signal that is sent to the process from under the host, which belongs to another thread there. The daemon has
/// its host on the first thread, and blocks signals before there is any other.
enum MainThread {
    private static let isParked = Atomic<Bool>(false)

    /// A test that takes longer than this hangs. Longer than several facts may take, each of which says what did not come
    /// (`HostBench`).
    private static let lifetimeMilliseconds: Int32 = 240_000

    /// Sends the first thread into a handler, with all signals blocked. There it waits for the test's end, and ends the
    /// process itself, with 124 as timeout(1) does, where that does not come.
    static func park() {
        guard !isParked.load(ordering: .acquiring) else { return }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            MainThread.isParked.store(true, ordering: .releasing)
            // The C library's own signals cannot be blocked, and end a wait.
            while poll(nil, 0, MainThread.lifetimeMilliseconds) < 0 {}
            _exit(124)
        }
        sigfillset(&action.sa_mask)
        sigaction(SIGUSR2, &action, nil)
        kill(getpid(), SIGUSR2)
        while !isParked.load(ordering: .acquiring) { sched_yield() }
    }
}
