import Glibc
import Synchronization

/// The threads that the tests here run on. On the common pool they would wait for whoever computes there, such as a test that
/// tries a hundred thousand cases, and miss their deadlines.
final class OwnThreads: TaskExecutor {
    static let shared = OwnThreads(count: 4)

    private let jobs = Mutex<[UnownedJob]>([])
    /// One post for each job that waits; sem_overview(7) makes it safe from any thread.
    nonisolated(unsafe) private let waiting: UnsafeMutablePointer<sem_t>

    private init(count: Int) {
        waiting = .allocate(capacity: 1)
        sem_init(waiting, 0, 0)
        for _ in 0..<count {
            var thread = pthread_t()
            pthread_create(&thread, nil, { _ in OwnThreads.shared.run() }, nil)
            pthread_detach(thread)
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        sem_post(waiting)
    }

    private func run() -> Never {
        while true {
            while sem_wait(waiting) != 0 {}
            guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
