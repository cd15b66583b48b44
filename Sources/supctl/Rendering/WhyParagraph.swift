import SupdPlugin
import SupdProtocol

/// Why an instance is as it is, in sentences that need no table beside them.
struct WhyParagraph {
    private let why: ServiceWhy
    private let now: WallTime

    init(_ why: ServiceWhy, now: WallTime) {
        self.why = why
        self.now = now
    }

    private var status: ServiceStatus { why.status }

    var text: String {
        var sentences = ["\(opening): \(circumstance)."]
        if let decision { sentences.append(decision) }
        if let orders { sentences.append(orders) }
        if let wait { sentences.append(wait) }
        if let advice { sentences.append(advice) }
        if status.outdated { sentences.append("It runs an older definition until its next start.") }
        return DisplayText.safe(sentences.joined(separator: " "))
    }

    private var opening: String {
        let time = TimeWords.wholeSeconds(now.duration(since: status.since))
        let wanted = status.state.known == .stopped && status.desired.known == .up ? " is wanted up and" : ""
        let preposition =
            switch status.state.known {
            case .backoff, .exited, .fatal: "in "
            case .stopped, .starting, .running, .stopping, nil: ""
            }
        return "\(status.name)\(wanted) has been \(preposition)\(status.state.rawValue) for \(time)"
    }

    /// What has brought it there.
    private var circumstance: String {
        switch status.state.known {
        case .backoff, .exited, .fatal: return status.lastExit.map(ends) ?? status.reason
        case .stopped where status.desired.known == .up:
            return status.reason.isEmpty ? "it waits" : "it \(status.reason)"
        case .stopped where why.cause == .none: return "it is not enabled, and nobody has started it"
        case .stopping, nil: return status.reason
        // What it waits for is a sentence of its own.
        case .starting:
            guard status.restarts > 0, let last = status.lastExit else {
                return "it was started \(EventText.words(why.cause))"
            }
            return "it was run again after it \(Self.ending(last))"
        case .stopped, .running: return "it was \(status.reason)"
        }
    }

    /// `it ended with exit code 1 three times within 50s, last at 14:02:11Z after 0.3s`.
    private func ends(_ last: LastExit) -> String {
        let same = likeTheLast(last)
        let times = max(same.count, 1)
        let after = last.ranFor > .zero ? " after \(last.ranFor.text)" : ""
        let end = TimeWords.clock(last.at, now: now) + after
        guard times > 1, let first = same.last else {
            return "it \(Self.ending(last))\(last.description.contains(", ") ? "," : "") at \(end)"
        }
        let span = last.at.duration(since: first.at)
        // Rounded up: within less they were not.
        let within = span <= .seconds(1) ? "a second" : TimeWords.wholeSeconds(span + .milliseconds(999))
        // What could not be done stands behind how often.
        let parts = Self.ending(last).split(separator: ": ", maxSplits: 1)
        let what = last.errno != nil && parts.count > 1 ? ": \(parts[1])" : ""
        let ending = what.isEmpty ? Self.ending(last) : String(parts[0])
        return "it \(ending) \(TimeWords.times(times)) within \(within), last at \(end)\(what)"
    }

    /// The ends without a break that were just as the last one, the newest first; an order to start begins anew.
    private func likeTheLast(_ last: LastExit) -> [LastExit] {
        var ends: [LastExit] = []
        for event in why.history.reversed().compactMap(\.event) {
            switch event.happening {
            case .order(let order) where ["start", "restart", "reset-failed"].contains(order.order): return ends
            case .state(let change) where change.decision != nil:
                guard let exit = change.exit, exit.description == last.description else { return ends }
                ends.append(exit)
            default: continue
            }
        }
        return ends
    }

    private static func ending(_ exit: LastExit) -> String {
        if exit.command != nil { return "failed at \(exit.description)" }
        if exit.errno != nil { return exit.description }
        return (exit.signal != nil ? "was " : "ended with ") + exit.description
    }

    /// What was decided about that.
    private var decision: String? {
        guard let decision = why.decision else { return nil }
        let by = decision.basis.known == .policy ? "The policy '\(decision.policy)'" : "Its \(decision.basis.rawValue)"
        let next = status.nextStartAt.map { TimeWords.until($0, now: now) } ?? "at once"
        switch (decision.outcome.known, decision.basis.known) {
        case (.restart, .resources): return "That is not its fault: it is tried again \(next)."
        case (.restart, _): return "\(by) starts it again \(next)."
        case (.stay, .oneshot): return "It is a oneshot, and its work is done."
        case (.stay, _): return "\(by) leaves it as it is."
        case (.giveUp, .startLimit): return "It was given up: \(decision.detail ?? "it reached its start limit")."
        case (.giveUp, _):
            return decision.detail.map { "\(by) has given it up: \($0)." } ?? "\(by) leaves it as it is."
        case (nil, _): return "\(by) has decided: \(decision.outcome.rawValue)."
        }
    }

    /// Whether somebody had a hand in what ended by itself.
    private var orders: String? {
        switch status.state.known {
        case .backoff, .exited, .fatal:
            guard why.decision?.basis.known != .oneshot else { return nil }
            return status.desired.known == .up
                ? "Nobody ordered it down." : "It is wanted down since then, \(EventText.words(why.cause))."
        case .stopped where status.desired.known == .up:
            return why.cause == .boot ? "It is enabled." : "It was ordered up \(EventText.words(why.cause))."
        case .stopped, .starting, .running, .stopping, nil: return nil
        }
    }

    /// What has to be done before another start comes to more.
    private var advice: String? {
        switch status.state.known {
        case .backoff, .exited, .fatal:
            Advice.onStart(of: status).map { "\($0.prefix(1).uppercased())\($0.dropFirst())." }
        case .stopped, .starting, .running, .stopping, nil: nil
        }
    }

    private var wait: String? {
        guard let wait = why.waitsFor, wait.kind.known != .backoff else { return nil }
        // The reason of what waits for its turn says so already.
        guard status.state.known != .stopped else { return nil }
        let until = wait.until.map { ", until \(TimeWords.clock($0, now: now)) at the latest" } ?? ""
        return "It waits for \(wait.text)\(until)."
    }
}
