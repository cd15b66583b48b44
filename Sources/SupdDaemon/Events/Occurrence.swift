import SupdEngine
import SupdPlugin
import SupdProtocol

/// Something that has happened, as the place says it that knows: what is told of it to subscribers and to plugins is made of this.
enum Occurrence {
    /// An instance has changed its state.
    case changed(InstanceID, StateChange)
    /// What the health probe of an instance says has changed.
    case health(InstanceID, from: ServiceHealth)
    /// What a waiting instance cannot start without has changed.
    case blocked(InstanceID)
    /// There is no such instance any more; its row is still there.
    case removed(InstanceID)
    /// Somebody has ordered something of instances; `detail` is what else the order says.
    case ordered(String, [InstanceID], by: Cause, detail: String? = nil)
    /// The configuration was read anew, and taken over or not.
    case applied(Bool, Sentence, by: EventCause)
    /// The daemon is ready.
    case ready
    /// A drain has begun; why.
    case drainBegan(cause: String)
    /// It has come to a phase.
    case drainPhase(String)
    /// It is over; its report as a sentence.
    case drainEnded(summary: String)
    /// It was undone.
    case resumed(by: Cause)
    /// Something of a plugin.
    case plugin(String, Sentence)

    /// The instances that it is part of the history of. That log files are opened anew changes nothing of them.
    var instances: [InstanceID] {
        switch self {
        case .changed(let instance, _), .health(let instance, _): [instance]
        case .ordered(let order, let instances, _, _): order == "reopen-logs" ? [] : instances
        case .blocked, .removed, .applied, .ready, .drainBegan, .drainPhase, .drainEnded, .resumed, .plugin: []
        }
    }
}

extension EventCause {
    init(_ cause: Cause) {
        switch cause {
        case .none: self = .none
        case .boot: self = .boot
        case .order(let uid, let pid, let command): self = .order(uid: uid, pid: pid, command: command)
        case .reset(let uid, let pid, let command): self = .reset(uid: uid, pid: pid, command: command)
        case .dependency(let name): self = .dependency(name.rawValue)
        case .plugin(let name): self = .plugin(name)
        case .configuration: self = .configuration
        case .drain: self = .drain
        }
    }
}
