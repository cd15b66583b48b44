internal import Glibc

/// The thread that a loop belongs to, and all state of its host with it: the one that made it.
///
/// Nothing of that state is behind a lock. Debug builds end where it is used on another thread; in others this costs nothing.
struct LoopThread: Sendable {
    private let identity = UInt(pthread_self())

    /// Says that `call` is for this thread alone.
    func assertIsCurrent(_ call: StaticString = #function) {
        assert(UInt(pthread_self()) == identity, "\(call) is used on another thread than its loop's")
    }
}
