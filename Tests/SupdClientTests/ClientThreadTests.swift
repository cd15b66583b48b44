import SupdConnection
import Synchronization
import Testing

@testable import SupdClient

/// The order in which a client's thread does what there is to be done.
@Suite struct ClientThreadTests {
    /// Queues something while the thread is about to wait, until a moment that is over by then.
    private final class Owner: ClientThreadOwner {
        let thread: ClientThread
        let hasQueued = Mutex(false)
        let done = Mutex<[String]>([])
        let isOver = Signalled<Bool>()

        init(_ thread: ClientThread) { self.thread = thread }

        func interest() -> ClientInterest {
            thread.run { [self] in done.withLock { $0.append("what was queued") } }
            hasQueued.withLock { $0 = true }
            return ClientInterest(deadline: Clock.now)
        }

        func handle(events: [Int32: Int16]) {
            // It may be served first in the midst of a wait.
            guard hasQueued.withLock({ $0 }) else { return }
            done.withLock { $0.append("what is late") }
            thread.stop()
            isOver.set(true)
        }
    }

    @Test func whatWasQueuedBeforeADeadlineIsDoneBeforeIt() throws {
        let owner = Owner(try ClientThread())
        owner.thread.serve(owner)
        #expect(owner.isOver.wait())
        #expect(owner.done.withLock { $0 }.prefix(2) == ["what was queued", "what is late"])
    }
}
