import Synchronization

/// Wakes the one task that waits at it. A ring that nobody waits for is heard by the next wait; several are one.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            state.isRung = state.waiting == nil
            return state.waiting
        }
        waiting?.resume()
    }

    /// Returns when it is rung, or when the calling task is cancelled; at once where either is so already. Whatever it was
    /// rung for until then is looked at after this, so that those rings are heard.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation that came before has found nobody waiting.
                    if state.isRung || Task.isCancelled || state.waiting != nil { return true }
                    state.waiting = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
            state.withLock { $0.isRung = false }
        } onCancel: {
            state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }?.resume()
        }
    }
}
