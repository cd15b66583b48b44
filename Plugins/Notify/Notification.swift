import SupdPlugin

/// An event that is worth a notification.
struct Notification {
    let topic: NotifySettings.Topic
    /// `fatal`, `unhealthy`, `healthy`, `drain-began`, `drain-ended`, `resumed`.
    let name: String
    /// What has happened, as a sentence.
    let text: String
    let service: ServiceSummary?
    let number: UInt64
    let time: WallTime

    /// The notification of an event; nil for one that nobody needs to be woken for.
    init?(_ event: DaemonEvent) {
        var service: ServiceSummary?
        switch event.kind {
        case .service(let summary, from: let before):
            guard summary.state == .fatal, before != .fatal else { return nil }
            (topic, name, text) = (.fatal, "fatal", "\(summary.name) is given up: \(summary.reason)")
            service = summary
        case .health(let summary, from: let before):
            switch (before, summary.health) {
            case (_, .unhealthy): (topic, name, text) = (.health, "unhealthy", "\(summary.name): \(summary.reason)")
            case (.unhealthy, .healthy): (topic, name, text) = (.health, "healthy", "\(summary.name) is healthy again")
            default: return nil
            }
            service = summary
        case .drainBegan(let cause): (topic, name, text) = (.drain, "drain-began", "a drain has begun: \(cause)")
        case .drainEnded(let summary): (topic, name, text) = (.drain, "drain-ended", summary)
        case .resumed: (topic, name, text) = (.drain, "resumed", "the drain was undone: services are started again")
        case .ready, .drainPhase: return nil
        }
        self.service = service
        number = event.number
        time = event.time
    }

    /// What the program is told. `suppressed` notifications were left out before this one.
    func environment(suppressed: Int) -> [String: String] {
        var environment = [
            "SUPD_EVENT": name, "SUPD_TEXT": text, "SUPD_EVENT_NUMBER": "\(number)", "SUPD_TIME": "\(time)",
            "SUPD_SUPPRESSED": "\(suppressed)",
        ]
        if let service {
            environment["SUPD_SERVICE"] = "\(service.name)"
            environment["SUPD_STATE"] = service.state.rawValue
            environment["SUPD_RESTARTS"] = "\(service.restarts)"
            environment["SUPD_LAST_EXIT"] = service.lastExit.map { "\($0.outcome)" }
        }
        return environment
    }
}
