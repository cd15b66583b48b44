/// Large pieces of work beside the loop, one after the other.
final class BlockingWork {
    private let calls: BlockingCalls
    private let lane: BlockingCalls.Lane
    /// As for a first thread usually; of what is not used there is no memory.
    private static let stackBytes = 8 * 1024 * 1024

    init(mailbox: LoopMailbox) {
        calls = BlockingCalls(mailbox: mailbox, limit: 1, stackBytes: Self.stackBytes)
        lane = calls.makeLane()
    }

    func run<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        // By a thread that is gone when its result is told: its part of the heap is nobody's then, and can be given back. The one
        // that waits for it stays for a while, and needs the stack where there is no other thread to be had.
        calls.run(lane) {
            PassingThread.run(call)
        } told: {
            then($0)
        }
    }
}

extension LinuxHost {
    /// Makes `call` on a thread beside the loop, and tells `then` its result inside `wait`.
    package func runAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        loop.thread.assertIsCurrent()
        blockingWork.run(call, then: then)
    }

    /// Makes `call` in the process that writes files, and tells `then` its result inside `wait`.
    package func lookAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void) {
        files.run(lookLane, call, told: then)
    }

    /// Calls in that process, too, from threads of `runAside`.
    package var fileCalls: FileCalls {
        let (mailbox, files, lane) = (loop.mailbox, files, files.makeLane())
        return FileCalls { call in
            let latch = Latch()
            mailbox.submit { files.run(lane, call, told: { latch.open() }) }
            latch.wait()
        }
    }
}
