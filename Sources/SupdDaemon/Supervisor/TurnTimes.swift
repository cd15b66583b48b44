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
        let took: Duration
        let at: MonotonicInstant
        fileprivate let events: [HostEvent]

        /// What had come: `300 exits, 2 inputs`.
        var work: String { TurnTimes.work(events) }
    }

    /// A turn has taken so long, for what had come.
    mutating func note(_ took: Duration, at: MonotonicInstant, _ events: [HostEvent]) {
        let nanoseconds = UInt64(max(took.clampedNanoseconds, 1))
        let place = min(Self.place(nanoseconds), counts.count - 1)
        counts[place] &+= 1
        turns += 1
        if took > longest?.took ?? .zero { longest = Turn(took: took, at: at, events: events) }
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
        let doublings = 63 - nanoseconds.leadingZeroBitCount
        let step =
            doublings >= 3 ? (nanoseconds >> UInt64(doublings - 3)) & 7 : (nanoseconds << UInt64(3 - doublings)) & 7
        return doublings * 8 + Int(step)
    }

    private static func limit(_ place: Int) -> Duration {
        let step = UInt64(place % 8 + 9)
        return .nanoseconds(Int64(clamping: (step << UInt64(place / 8)) >> 3))
    }

    private static func work(_ events: [HostEvent]) -> String {
        var counts: [(what: String, count: Int)] = []
        for event in events {
            let what = event.whatItIs
            if let place = counts.firstIndex(where: { $0.what == what }) {
                counts[place].count += 1
            } else {
                counts.append((what, 1))
            }
        }
        guard !counts.isEmpty else { return "what was put off" }
        return counts.sorted { $0.count > $1.count }.map { "\($0.count) \($0.what)\($0.count == 1 ? "" : "s")" }
            .joined(separator: ", ")
    }
}

extension HostEvent {
    fileprivate var whatItIs: String {
        switch self {
        case .timer: "timer"
        case .exited: "exit"
        case .stopped: "stopped process"
        case .socketsCame: "late socket"
        case .adoptedReaped: "adopted process"
        case .unreadable: "process that cannot be waited for"
        case .readable: "input"
        case .hungUp: "hang-up"
        case .writable: "output with room"
        case .signal: "signal"
        case .spawnEnded: "spawn"
        case .controlSocketDisturbed: "change of the socket's folder"
        case .workEnded: "job beside the loop"
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
