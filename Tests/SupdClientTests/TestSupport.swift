import Glibc
import SupdConnection
import Synchronization

/// What `body` throws; nil where it does not.
func failure(_ body: () throws -> some Any) -> ClientError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? ClientError
    }
}

/// A value that one thread sets once and another waits for.
final class Signalled<Value: Sendable>: @unchecked Sendable {
    private let stored = Mutex<Value?>(nil)
    // Its address is stable in a class that allocates it once; the semaphore is for threads of one process.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    var value: Value? { stored.withLock { $0 } }

    func set(_ value: Value) {
        stored.withLock { $0 = value }
        sem_post(semaphore)
    }

    /// Waits for the value; false where it does not come within ten seconds.
    @discardableResult
    func wait() -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += 10
        while sem_timedwait(semaphore, &deadline) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }
}
