import Glibc
// Glibc and this one both have timespec, and which of them it is taken from is a matter of what is compiled beside.
import SwiftOverlayShims

/// What `body` takes of a processor on this thread: unlike the time that passes, others on the machine hardly change it.
func processorTime(of body: () throws -> Void) rethrows -> Duration {
    func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    let before = now()
    try body()
    return now() - before
}
