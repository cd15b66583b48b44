import Synchronization

/// Work on Swift's pool. Only its end comes back to the loop.
final class PoolWork {
    /// What has ended and was not told yet, left by the pool's threads.
    private final class Ends: Sendable {
        let list = Mutex<[(work: WorkID, error: String?)]>([])
    }

    private let ends = Ends()
    private let mailbox: LoopMailbox
    private var tasks = [WorkID: Task<Void, Never>]()

    init(mailbox: LoopMailbox) {
        self.mailbox = mailbox
    }

    func begin(_ work: WorkID, _ body: @escaping @Sendable () async throws -> Void) {
        let ends = ends
        let mailbox = mailbox
        tasks[work] = Task.detached {
            var problem: String?
            do {
                try await body()
            } catch is CancellationError {
                problem = "was cancelled"
            } catch {
                problem = "\(error)"
            }
            ends.list.withLock { [problem] in $0.append((work, problem)) }
            mailbox.submit {}
        }
    }

    func cancel(_ work: WorkID) { tasks[work]?.cancel() }

    /// Whether there is any that is not told as ended.
    var isBusy: Bool { !tasks.isEmpty }

    /// Tells what has ended.
    func tell(into events: inout [HostEvent]) {
        let ended = ends.list.withLock { list in
            defer { list = [] }
            return list
        }
        for (work, error) in ended {
            tasks[work] = nil
            events.append(.workEnded(work, error: error))
        }
    }
}

extension LinuxHost {
    /// Runs `body` on Swift's pool. Its end is told as `.workEnded`.
    package func begin(_ work: WorkID, named name: String, _ body: @escaping @Sendable () async throws -> Void) {
        loop.thread.assertIsCurrent()
        poolWork.begin(work, body)
    }

    /// Cancels the work's task. Nothing where it has ended.
    package func cancel(_ work: WorkID) {
        loop.thread.assertIsCurrent()
        poolWork.cancel(work)
    }

    /// Has `wait` return soon. From any thread; it may outlive the host.
    package var waker: @Sendable () -> Void {
        let mailbox = loop.mailbox
        return { mailbox.submit {} }
    }
}
