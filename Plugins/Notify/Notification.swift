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

    /// What is told, by name. `suppressed` notifications were left out before this one.
    private func facts(suppressed: Int) -> [(name: String, value: JSONValue)] {
        var facts: [(name: String, value: JSONValue)] = [
            ("event", .string(name)), ("text", .string(text)), ("time", .string("\(time)")),
            ("event_number", .integer(Int64(clamping: number))), ("suppressed", .integer(Int64(suppressed))),
        ]
        if let service {
            facts += [
                ("service", .string("\(service.name.service)")), ("instance", .string("\(service.name)")),
                ("state", .string(service.state.rawValue)), ("restarts", .integer(Int64(service.restarts))),
            ]
            if let health = service.health { facts.append(("health", .string(health.rawValue))) }
            if let exit = service.lastExit { facts.append(("last_exit", .string("\(exit.outcome)"))) }
        }
        return facts
    }

    /// The facts as a program's variables, `SUPD_EVENT` and so on.
    func environment(suppressed: Int) -> [String: String] {
        var environment = [String: String]()
        for (name, value) in facts(suppressed: suppressed) {
            environment["SUPD_\(name.uppercased())"] = value.stringValue ?? "\(value)"
        }
        return environment
    }

    /// The facts as a JSON object.
    func json(suppressed: Int) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512)
        writer.beginObject()
        for (name, value) in facts(suppressed: suppressed) {
            writer.key(name)
            writer.value(value)
        }
        writer.endObject()
        return writer.bytes
    }
}
