import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// A request whose answer waits for something to become true.
struct Waiter {
    /// What it waits for.
    enum Goal {
        /// Each instance up, or failed. The attempt that each had when the order came, where it must be a new one; empty where it
        /// need not.
        case up(after: [UInt64])
        /// No instance live.
        case down
        /// Those that were scaled away not live, the others up, or failed.
        case scaled
        /// A configuration carried out: each instance up or failed by it, or gone.
        case applied(AppliedPlan)
        /// The drain's report; of one that ends the daemon, or of one that may hold.
        case drained(exits: Bool)
        /// A plugin's answer.
        case answered
        /// Each instance reloaded, or not.
        case reloaded([ReloadState])
    }

    var slot: Int
    var id: RequestID
    var goal: Goal
    /// The instances of the order, in the order of the answer.
    var instances: [InstanceID]
    /// What the order was refused of, at the end of the answer.
    var refused: RefusedInstances?
    /// How many of `instances`, from the front, are known to be done.
    var settled = 0
    /// The work that is to answer it.
    var work: WorkID?

    /// Whether it waits for services.
    var isOfServices: Bool {
        switch goal {
        case .up, .down, .scaled, .applied, .reloaded: true
        case .drained, .answered: false
        }
    }
}

/// A configuration that was put into effect, and whose answer waits for what it has set going.
final class AppliedPlan {
    let reply: EncodedPlan
    /// The attempts that it replaces, by instance.
    let attempts: [InstanceID: UInt64]

    init(reply: EncodedPlan, attempts: [InstanceID: UInt64]) {
        self.reply = reply
        self.attempts = attempts
    }
}
