import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Those who want the configuration read anew, and whose turn it is.
struct ConfigurationAskers {
    /// Somebody who wants it read.
    enum Asker {
        /// Only to be told what it would change.
        case plan(ReplyTicket)
        /// To put it into effect.
        case reload(ReplyTicket?, ReloadParams, by: PeerCredentials)
        /// SIGHUP: the same, and nobody is answered.
        case signal

        var isPlan: Bool { if case .plan = self { true } else { false } }
        var isSignal: Bool { if case .signal = self { true } else { false } }

        /// Where whoever wants it is answered.
        var ticket: ReplyTicket? {
            switch self {
            case .plan(let ticket): ticket
            case .reload(let ticket, _, _): ticket
            case .signal: nil
            }
        }

        /// What an event says of who wants it put into effect.
        var cause: EventCause {
            switch self {
            case .plan: .none
            case .reload(_, _, let peer): EventCause(peer.order)
            case .signal: .signal("SIGHUP")
            }
        }
    }

    /// Those whose turn has not come, in the order they came.
    private var waiting: [Asker] = []
    /// Those that what is being read is for; empty where nothing is read.
    private(set) var served: [Asker] = []
    /// A service that is on its way out is to come back: before it is gone nothing is read but for plans.
    private var awaitsDeparture = false
    /// Somebody has come while the files were read.
    private var cameMeanwhile = false

    var isEmpty: Bool { waiting.isEmpty && served.isEmpty }

    /// Any number of signals that wait are one. What waits for a departure is read again at once: it may not need that any more.
    mutating func add(_ asker: Asker) {
        if !asker.isPlan { (awaitsDeparture, cameMeanwhile) = (false, !served.isEmpty) }
        if asker.isSignal, waiting.contains(where: \.isSignal) { return }
        waiting.append(asker)
    }

    /// Takes those whose turn it is: the first, and with it all that only want a plan, up to the next that wants more. Nil where nobody
    /// waits, or somebody's configuration is being read.
    mutating func takeNext() -> [Asker]? {
        guard served.isEmpty, let first = waiting.first else { return nil }
        if awaitsDeparture {
            served = waiting.filter(\.isPlan)
            waiting.removeAll(where: \.isPlan)
            return served.isEmpty ? nil : served
        }
        served = first.isPlan ? Array(waiting.prefix(while: \.isPlan)) : [first]
        waiting.removeFirst(served.count)
        return served
    }

    /// What was read is for these, who are to be answered now.
    mutating func finish() -> [Asker] {
        defer { served = [] }
        return served
    }

    /// It is to be read once more for this one, when what is on its way out is gone.
    mutating func putBack(_ asker: Asker) {
        awaitsDeparture = !cameMeanwhile
        cameMeanwhile = false
        waiting.insert(asker, at: 0)
    }

    /// Something that was on its way out is gone.
    mutating func noteDeparture() { awaitsDeparture = false }
}
