import SupdPlugin
import SupdProtocol

/// The lines of `events`.
enum EventText {
    /// A line; nothing for what is only there for programs.
    static func text(_ notice: EventNotice, hasColour: Bool) -> String {
        switch notice.content {
        case .caughtUp: return ""
        case .gap(let count):
            return "-- \(plural(Int(clamping: count), "event")) missed, up to number \(notice.sequence) --\n"
        case .event(let event):
            let text = DisplayText.safe(sentence(event.happening))
            let colour = hasColour ? colour(of: event.happening) : nil
            return "\(event.time) #\(notice.sequence) \(colour?.paint(text) ?? text)\n"
        }
    }

    /// What has happened in a sentence; where it is clear of whom, without the name.
    static func sentence(_ happening: Event.Happening, named: Bool = true) -> String {
        switch happening {
        case .state(let event): (named ? "\(event.name): " : "") + state(event)
        case .health(let event): (named ? "\(event.name): " : "") + health(event)
        case .blocked(let event): (named ? "\(event.name): " : "") + event.reason
        case .removed(let event): (named ? "\(event.name): " : "") + "removed"
        case .order(let event): order(event, named: named)
        case .apply(let event):
            "configuration \(event.applied ? "taken over" : "not taken over") \(words(event.cause)): \(event.text)"
        case .drain(let event): drain(event)
        case .ready: "supd is ready"
        case .plugin(let event): event.text
        case .other(let kind): "\(kind): this supctl does not know what that is"
        }
    }

    private static func state(_ event: StateEvent) -> String {
        var text = "\(event.from.rawValue) → \(event.state.rawValue)"
        switch event.state.known {
        case .starting: text += event.restarts > 0 ? ", run again" : ", started \(words(event.cause))"
        case .running: text += event.pid.map { ", pid \($0)" } ?? ""
        case .stopping:
            text += ", " + (event.exit?.description ?? event.reason ?? "stopped \(words(event.cause))")
        case .stopped, .backoff, .exited, .fatal, nil: text += event.reason.map { ", \($0)" } ?? ""
        }
        return text
    }

    private static func health(_ event: HealthEvent) -> String {
        let change = "health \(event.from.rawValue) → \(event.health.rawValue)"
        // It mostly begins with what it is now.
        let known = "\(event.health.rawValue): "
        let problem = event.problem.map { $0.hasPrefix(known) ? String($0.dropFirst(known.count)) : $0 }
        return change + (problem.map { ", \($0)" } ?? "")
    }

    private static func order(_ event: OrderEvent, named: Bool) -> String {
        // It is for the service, whose instances are those that there were.
        if event.order == "scale", let instance = event.services.first, let count = event.detail {
            let service = named ? " \(instance.prefix { $0 != "@" })" : ""
            return "scale\(service) to \(count) ordered \(words(event.cause))"
        }
        let what = "\(event.order)\(event.detail.map { " \($0)" } ?? "")"
        guard named else {
            let others = event.count - 1
            let too = others > 0 ? ", together with \(others == 1 ? "another" : "\(others) others")" : ""
            return "\(what) ordered \(words(event.cause))\(too)"
        }
        let more = event.count - event.services.count
        let names = event.services.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        return "\(what) of \(names) ordered \(words(event.cause))"
    }

    private static func drain(_ event: DrainEvent) -> String {
        switch event.step.known {
        case .began: "drain begins: \(event.text)"
        case .phase: "drain: phase \(event.text)"
        case .ended: "drain is over: \(event.text)"
        case .resumed: "drain undone \(event.text): what is enabled is started again"
        case nil: "drain: \(event.step.rawValue) \(event.text)"
        }
    }

    /// By whom, or because of what.
    static func words(_ cause: EventCause) -> String {
        switch cause {
        case .none: "by nobody"
        case .boot: "with supd"
        case .order(let uid, let pid, let command): "by \(who(uid, pid, command))"
        case .reset(let uid, let pid, let command): "by 'reset-failed' of \(who(uid, pid, command))"
        case .dependency(let name): "because of \(name ?? "another service")"
        case .plugin(let name): "by plugin '\(name)'"
        case .configuration: "by the changed configuration"
        case .signal(let name): "by \(name)"
        case .drain: "by the drain"
        case .other(let kind): "by \(kind)"
        }
    }

    private static func who(_ uid: UInt32, _ pid: Int32, _ command: String?) -> String {
        "uid \(uid), pid \(pid)" + (command.map { " (\($0))" } ?? "")
    }

    static func colour(of happening: Event.Happening) -> Colour? {
        switch happening {
        case .state(let event):
            switch event.state.known {
            case .running: .green
            case .starting, .stopping, .backoff: .yellow
            case .fatal: .red
            case .exited: event.exit?.success == false ? .red : .grey
            case .stopped: .grey
            case nil: nil
            }
        case .health(let event): event.health.known == .unhealthy ? .yellow : nil
        case .apply(let event): event.applied ? nil : .red
        case .blocked(let event): event.blocked?.forGood == true ? .red : nil
        case .removed, .order, .drain, .ready, .plugin, .other: nil
        }
    }
}
