import SupdHost
import SupdPlugin
import SupdProtocol

/// How long the turns of the loop took, each from the end of its wait to the next wait.
///
/// Durations are counted by their order of magnitude, eight steps to a doubling: what is answered is at most an eighth too long.
struct TurnTimes {
    private var counts = [UInt32](repeating: 0, count: 8 * 40)
    private(set) var turns: UInt64 = 0
    private(set) var longest: Turn?

    /// One of them.
    struct Turn {
        /// How long it took: not as a duration, as each turn is compared with it.
        fileprivate let nanoseconds: UInt64
        let at: MonotonicInstant
        /// How many events of each kind had come.
        fileprivate let counts: InlineArray<16, UInt32>

        var took: Duration { .nanoseconds(Int64(clamping: nanoseconds)) }

        /// What had come: `300 exits, 2 inputs`.
        var work: String {
            let found = HostEventKind.allCases.filter { counts[$0.rawValue] > 0 }.sorted {
                counts[$0.rawValue] > counts[$1.rawValue]
            }
            guard !found.isEmpty else { return "what was put off" }
            return found.map { plural(Int(counts[$0.rawValue]), $0.word) }.joined(separator: ", ")
        }
    }

    /// A turn has taken from `start` to `end`, for what had come.
    mutating func note(_ start: MonotonicInstant, _ end: MonotonicInstant, _ events: [HostEvent]) {
        // Not by way of a duration: this is done in every turn.
        let (difference, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
        let nanoseconds = overflow ? UInt64(Int64.max) : UInt64(max(difference, 1))
        let place = min(Self.place(nanoseconds), counts.count - 1)
        counts[place] &+= 1
        turns += 1
        guard nanoseconds > longest?.nanoseconds ?? 0 else { return }
        // They are not kept themselves: the list of the next turn would have to be another.
        var counts = InlineArray<16, UInt32>(repeating: 0)
        for event in events { counts[event.kindOfEvent.rawValue] += 1 }
        longest = Turn(nanoseconds: nanoseconds, at: end, counts: counts)
    }

    /// What so large a share of the turns took at most; zero where there was none.
    func percentile(_ share: Double) -> Duration {
        let all = counts.reduce(into: UInt64(0)) { $0 += UInt64($1) }
        var left = UInt64((Double(all) * share).rounded(.up))
        for (place, count) in counts.enumerated() where count > 0 {
            guard left > UInt64(count) else { return min(Self.limit(place), longest?.took ?? .zero) }
            left -= UInt64(count)
        }
        return .zero
    }

    private static func place(_ nanoseconds: UInt64) -> Int {
        let zeros = nanoseconds.leadingZeroBitCount
        // The three bits behind the first that is set.
        let step = (nanoseconds << zeros) >> 60 & 7
        return (63 - zeros) * 8 + Int(step)
    }

    private static func limit(_ place: Int) -> Duration {
        let step = UInt64(place % 8 + 9)
        return .nanoseconds(Int64(clamping: (step << UInt64(place / 8)) >> 3))
    }
}

/// What kinds of events there are, as a person calls them.
private enum HostEventKind: Int, CaseIterable {
    case timer, exit, stop, socket, adopted, unreadable, input, hangUp, room, signal, spawn, controlSocket, work

    var word: String {
        switch self {
        case .timer: "timer"
        case .exit: "exit"
        case .stop: "stopped process"
        case .socket: "late socket"
        case .adopted: "adopted process"
        case .unreadable: "process that cannot be waited for"
        case .input: "input"
        case .hangUp: "hang-up"
        case .room: "output with room"
        case .signal: "signal"
        case .spawn: "spawn"
        case .controlSocket: "change of the socket's folder"
        case .work: "job beside the loop"
        }
    }
}

extension HostEvent {
    fileprivate var kindOfEvent: HostEventKind {
        switch self {
        case .timer: .timer
        case .exited: .exit
        case .stopped: .stop
        case .socketsCame: .socket
        case .adoptedReaped: .adopted
        case .unreadable: .unreadable
        case .readable: .input
        case .hungUp: .hangUp
        case .writable: .room
        case .signal: .signal
        case .spawnEnded: .spawn
        case .controlSocketDisturbed: .controlSocket
        case .workEnded: .work
        }
    }
}

extension TurnTimes {
    /// As a client is told it; times of the wall clock by `wall`.
    func status(_ wall: (MonotonicInstant) -> WallTime) -> LoopStatus {
        LoopStatus(
            turns: turns, median: percentile(0.5), percentile99: percentile(0.99),
            longest: longest.map { LoopStatus.Turn(took: $0.took, at: wall($0.at), work: $0.work) })
    }
}
