import Glibc
import Synchronization

/// Waits in poll(2) for all tests on one thread of its own, so that a test that waits holds no thread of the pool that
/// other tests run on.
final class Poller: Sendable {
    static let shared = Poller()

    private struct Waiter {
        var descriptor: Descriptor
        var events: Int16
        var deadline: Deadline
        var continuation: CheckedContinuation<Bool, any Error>
    }

    private struct State {
        var waiters: [UInt64: Waiter] = [:]
        var cancelled: Set<UInt64> = []
        var nextIdentifier: UInt64 = 0
        var isRunning = false
    }

    private let state = Mutex(State())
    private let wakeReading: Int32
    private let wakeWriting: Int32

    private init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakeReading = ends[0]
        wakeWriting = ends[1]
    }

    /// True once `descriptor` is ready, has an error or was hung up; false at the deadline.
    func wait(for events: Int16, of descriptor: Descriptor, until deadline: Deadline) async throws -> Bool {
        let identifier = state.withLock { state in
            state.nextIdentifier += 1
            return state.nextIdentifier
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(
                    descriptor: descriptor, events: events, deadline: deadline, continuation: continuation)
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(identifier) != nil { return true }
                    state.waiters[identifier] = waiter
                    if !state.isRunning {
                        state.isRunning = true
                        startThread()
                    }
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) } else { wake() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                guard let waiter = state.waiters.removeValue(forKey: identifier) else {
                    state.cancelled.insert(identifier)
                    return nil as Waiter?
                }
                return waiter
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    private func wake() {
        var byte: UInt8 = 0
        write(wakeWriting, &byte, 1)
    }

    private func startThread() {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { _ in
                Poller.shared.run()
                return nil
            }, nil)
        pthread_detach(thread)
    }

    private func run() {
        while true {
            let waiting = state.withLock { $0.waiters }
            var identifiers: [UInt64] = []
            var polled = [pollfd(fd: wakeReading, events: Int16(POLLIN), revents: 0)]
            var timeout: Int32 = -1
            for (identifier, waiter) in waiting {
                identifiers.append(identifier)
                polled.append(pollfd(fd: waiter.descriptor.number, events: waiter.events, revents: 0))
                let left = waiter.deadline.remainingMilliseconds
                timeout = timeout < 0 ? left : min(timeout, left)
            }
            poll(&polled, nfds_t(polled.count), timeout)
            var drain = [UInt8](repeating: 0, count: 64)
            while read(wakeReading, &drain, drain.count) > 0 {}
            for (identifier, result) in zip(identifiers, polled.dropFirst()) {
                let isReady = result.revents != 0
                let waiter = state.withLock { state -> Waiter? in
                    guard let waiter = state.waiters[identifier], isReady || waiter.deadline.hasPassed else {
                        return nil
                    }
                    return state.waiters.removeValue(forKey: identifier)
                }
                waiter?.continuation.resume(returning: isReady)
            }
        }
    }
}
