internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// What a process is called that could not be looked at in time.
    static let unknownCommand = "unknown"

    /// Processes that somebody wants to know of, and until when that is waited for.
    struct Description {
        var processes: [ProcStat]
        /// Whether all others that were named are gone.
        var isWhole: Bool
        var deadline: MonotonicInstant
        var then: (_ details: [ProcessDetail], _ isWhole: Bool) -> Void
    }

    /// What there is to know of these processes, as /proc has it; those that are gone are left out. What they are called is looked at
    /// beside the loop, and is `unknown` where that takes longer than a moment.
    package func details(of processes: [Int32]) -> [ProcessDetail] {
        loop.thread.assertIsCurrent()
        return details(of: processes.compactMap { procfs.stat($0) }, within: Self.detailLimit)
    }

    /// So long a turn waits for what processes are called.
    static let detailLimit = Duration.milliseconds(5)

    func details(of processes: [ProcStat], within limit: Duration) -> [ProcessDetail] {
        looks.look(at: processes, for: .commands, within: limit)
        return processes.map(shown)
    }

    /// The same of one, with the command that is known already.
    func shown(_ process: ProcStat) -> ProcessDetail {
        let command = looks.command(of: process) { procfs.name(of: process.pid) ?? "?" }
        return procfs.detail(of: process, command: command ?? Self.unknownCommand)
    }

    /// Tells `then` what there is to know of these processes: at once, or on the loop's thread inside `wait` when they have been looked
    /// at, at most `limit` from now; and whether those that are left out were gone, and not kept from being looked at, as without /proc.
    /// The loop goes on meanwhile.
    package func describe(
        _ processes: [Int32], within limit: Duration,
        then: @escaping (_ details: [ProcessDetail], _ isWhole: Bool) -> Void
    ) {
        loop.thread.assertIsCurrent()
        var stats: [ProcStat] = []
        var isWhole = true
        for pid in processes {
            if let stat = procfs.stat(pid) {
                stats.append(stat)
            } else if kill(pid, 0) == 0 || errno != ESRCH {
                isWhole = false
            }
        }
        looks.look(at: stats, for: .commands, within: Self.detailLimit)
        descriptions.append(
            Description(processes: stats, isWhole: isWhole, deadline: loop.now.advanced(by: limit), then: then))
        answerDescriptions()
    }

    /// Answers those that have waited long enough, or need wait no more. Whether there were any.
    @discardableResult
    func answerDescriptions() -> Bool {
        var waiting: [Description] = []
        var ready: [Description] = []
        for description in descriptions {
            let isLate = description.deadline <= loop.now
            let isAwaited = description.processes.contains { looks.isUnderWay($0.identity) }
            if isAwaited && !isLate { waiting.append(description) } else { ready.append(description) }
        }
        descriptions = waiting
        for description in ready { description.then(description.processes.map(shown), description.isWhole) }
        if !waiting.isEmpty { loop.tellToLookOn(after: ProcessLooks.stall) }
        return !ready.isEmpty
    }

    /// Looks that are under way have come further, or have been held up for long enough. Whether somebody got an answer.
    /// By itself, as `wait` would make room for what it needs in each turn.
    @inline(never)
    func lookOn() -> Bool {
        looks.harvest()
        return answerDescriptions()
    }
}
