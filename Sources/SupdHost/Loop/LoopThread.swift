internal import CSupd
internal import Glibc

/// The thread that a loop belongs to, and all state of its host with it: the one that made it.
///
/// Nothing of that state is behind a lock. Debug builds end where it is used on another thread; in others this costs nothing.
package struct LoopThread: Sendable {
    private let identity = UInt(pthread_self())

    /// Says that `call` is for this thread alone.
    func assertIsCurrent(_ call: StaticString = #function) {
        assert(UInt(pthread_self()) == identity, "\(call) is used on another thread than its loop's")
    }

    /// Does `body`, which makes a loop and runs it, on a thread of its own, and waits for its end.
    ///
    /// The kernel gives orphans to a process's first thread (find_new_reaper in its exit.c), and keeps a list of children for each thread.
    /// Where another one starts all programs the first one's list has the orphans and nobody else, however many services run. Signals are
    /// for that other thread; who waits has all of them blocked, and in the end what that one had.
    package static func run<Result>(_ body: () -> Result) -> Result {
        supd_library_signals_note()
        var all = sigset_t()
        var mask = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
        return PassingThread.run {
            pthread_sigmask(SIG_SETMASK, &mask, nil)
            defer { pthread_sigmask(SIG_SETMASK, nil, &mask) }
            return body()
        }
    }
}
