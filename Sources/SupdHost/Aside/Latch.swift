internal import CSupd
internal import Glibc

/// Something that one thread waits for and another one brings about, once (sem_overview(7)). A signal that ends the process ends the wait.
final class Latch: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// One that is shut.
    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Lets the one that waits go on.
    func open() { sem_post(semaphore) }

    /// Returns once it is open.
    func wait() { _ = supd_semaphore_wait(semaphore, nil) }
}
