import Synchronization

/// The word that a task is to end, given once and heard by all that wait for it.
public final class ShutdownNotice: Sendable {
    private struct State {
        var isGiven = false
        var waiting = [UInt64: CheckedContinuation<Void, Never>]()
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// A notice that is not given yet.
    public init() {}

    /// Whether it has been given.
    public var isGiven: Bool { state.withLock { $0.isGiven } }

    /// Gives it. A second call changes nothing.
    public func give() {
        let waiting = state.withLock { state in
            state.isGiven = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when it has been given, or when the calling task is cancelled; at once where either is so already.
    public func wait() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation that came before has found nobody waiting.
                    if state.isGiven || Task.isCancelled { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: number) }
            continuation?.resume()
        }
    }
}
