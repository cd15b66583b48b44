internal import SupdPlugin
internal import Synchronization

/// One call beside the loop that looks at some processes, one after the other. Where one of them holds it up, the loop takes the rest
/// out of it.
final class LookRun: Sendable {
    private struct State {
        var results: [(target: ProcStat, sighting: ProcessSighting?)] = []
        /// So many have been begun, and so many of them have come back.
        var begun = 0
        var done = 0
        /// So many may be begun.
        var limit: Int
    }

    let lane: BlockingCalls.Lane
    let targets: [ProcStat]
    private let state: Mutex<State>

    init(_ targets: [ProcStat], on lane: BlockingCalls.Lane) {
        self.targets = targets
        self.lane = lane
        state = Mutex(State(limit: targets.count))
    }

    /// Looks at them. On a thread beside the loop.
    func work(_ look: (ProcessIdentity) -> ProcessSighting?) {
        while let target = next() {
            let sighting = look(target.identity)
            state.withLock {
                $0.results.append((target, sighting))
                $0.done += 1
            }
        }
    }

    private func next() -> ProcStat? {
        let place = state.withLock { state -> Int? in
            guard state.begun < state.limit else { return nil }
            state.begun += 1
            return state.begun - 1
        }
        return place.map { targets[$0] }
    }

    /// Whether none of it is to come any more.
    var isOver: Bool { state.withLock { $0.done == $0.limit } }

    /// What has been found since the last call.
    func takeResults() -> [(target: ProcStat, sighting: ProcessSighting?)] {
        state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
    }

    /// Has it end with the one that it is at, if any. Answers that one, and those that it has not begun; after a second call these are
    /// others' already.
    func close() -> (current: ProcStat?, rest: ArraySlice<ProcStat>) {
        let (begun, limit) = state.withLock { state in
            defer { state.limit = state.begun }
            return (state.begun, state.limit)
        }
        return (begun > 0 ? targets[begun - 1] : nil, targets[begun..<limit])
    }
}
