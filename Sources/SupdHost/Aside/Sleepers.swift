internal import CSupd
internal import Glibc

/// Threads that sleep until there is something for them to do. By a semaphore (sem_overview(7)), and no condition variable: that one waits for
/// those that it has woken, and for ever for one that somebody has killed meanwhile.
///
/// All but `sleep` is to be called with the lock that says what there is to do.
final class Sleepers: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private var asleep = 0
    /// Those of them that are woken, and have not said so yet.
    private var woken = 0

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// The thread that calls sleeps from now on.
    func willSleep() { asleep += 1 }

    /// Without the lock: until it is woken, or the deadline on the monotonic clock. Whether it was woken.
    func sleep(until deadline: timespec?) -> Bool {
        guard var deadline else { return supd_semaphore_wait(semaphore, nil) == 0 }
        return supd_semaphore_wait(semaphore, &deadline) == 0
    }

    /// It does not sleep any more; `isWoken` as `sleep` has it.
    func hasSlept(isWoken: Bool) {
        asleep -= 1
        if isWoken {
            woken -= 1
        } else if woken > asleep, sem_trywait(semaphore) == 0 {
            // It was woken as its time was over.
            woken -= 1
        }
    }

    /// Wakes one, where one sleeps.
    func wakeOne() {
        guard asleep > woken else { return }
        woken += 1
        sem_post(semaphore)
    }

    func wakeAll() { while asleep > woken { wakeOne() } }

    /// There are none any more: their process is gone.
    func forget() {
        (asleep, woken) = (0, 0)
        while sem_trywait(semaphore) == 0 {}
    }
}
