internal import Glibc

/// A lock that passes between the daemon and a process that shares its memory, and that somebody may kill while a thread of it has the lock
/// (pthread_mutexattr_setrobust(3)). What it guards is changed in steps that may be left anywhere.
final class RobustLock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    /// With `isShared` false it is the daemon's alone: nobody kills a thread of that, and a robust lock takes 200 instructions more.
    init(isShared: Bool = true) {
        guard isShared else {
            pthread_mutex_init(mutex, nil)
            return
        }
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_setrobust(&attributes, Int32(PTHREAD_MUTEX_ROBUST))
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ERRORCHECK))
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
        // EDEADLK: the first thread of a process apart counts as the thread that has made that process, which lies still meanwhile
        // (`supd_run_apart`). Where it was killed with the lock, that one has it.
        note(pthread_mutex_lock(mutex))
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// With the lock, which is let go of meanwhile: waits until `condition` is told of, or the deadline; false there.
    func wait(for condition: UnsafeMutablePointer<pthread_cond_t>, until deadline: inout timespec) -> Bool {
        let error = pthread_cond_timedwait(condition, mutex, &deadline)
        note(error)
        return error == 0 || error == EOWNERDEAD
    }

    /// Whoever had it before is dead.
    private func note(_ error: Int32) {
        if error == EOWNERDEAD { pthread_mutex_consistent(mutex) }
    }
}
