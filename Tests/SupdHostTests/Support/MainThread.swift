import Glibc
import Synchronization

/// In a test's process the first thread sits in sigsuspend(2) with no signal blocked (libdispatch), and takes
/// every signal that is sent to the process from under the host, which belongs to another thread there. The daemon has
/// its host on the first thread, and blocks signals before there is any other.
enum MainThread {
    private static let isParked = Atomic<Bool>(false)

    /// Sends the first thread into a handler, with all signals blocked, for good.
    static func park() {
        guard !isParked.load(ordering: .acquiring) else { return }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            MainThread.isParked.store(true, ordering: .releasing)
            while true { pause() }
        }
        sigfillset(&action.sa_mask)
        sigaction(SIGUSR2, &action, nil)
        kill(getpid(), SIGUSR2)
        while !isParked.load(ordering: .acquiring) { sched_yield() }
    }
}
