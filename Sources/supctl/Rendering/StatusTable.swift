import SupdPlugin
import SupdProtocol

/// The table of `status` and of the orders.
enum StatusTable {
    /// `services` as a table; how long each is in its state is counted to `now`.
    static func text(_ services: [ServiceStatus], now: WallTime, terminal: Terminal) -> String {
        guard !services.isEmpty else { return "no services\n" }
        var table = Table([
            Table.Column("NAME"), .init("STATE"), .init("PID", .right), .init("SINCE", .right),
            .init("RESTARTS", .right, isExpendable: true), .init("REASON"),
        ])
        for service in services { table.add(cells(service, now)) }
        // Who asks for one service wants to know all of why.
        return services.count == 1 ? table.wrappedText(for: terminal) : table.text(for: terminal)
    }

    /// One of several hosts, and one of its services, nil where it has none, or why it has said nothing.
    struct HostRow {
        var host: String
        var content: Result<ServiceStatus?, LinkFailure>
    }

    /// The same of several hosts.
    static func text(ofHosts rows: [HostRow], now: WallTime, terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "no services\n" }
        var table = Table([
            Table.Column("HOST"), .init("NAME"), .init("STATE"), .init("PID", .right), .init("SINCE", .right),
            .init("RESTARTS", .right, isExpendable: true), .init("REASON"),
        ])
        for row in rows {
            let cells: [Table.Cell] =
                switch row.content {
                case .success(let service?): cells(service, now)
                case .success(nil): (0..<5).map { _ in .init("-") } + [.init("no services")]
                case .failure(let failure):
                    (0..<5).map { _ in .init("-") } + [.init(failure.message, .red)]
                }
            table.add([.init(row.host)] + cells)
        }
        return table.text(for: terminal)
    }

    private static func cells(_ service: ServiceStatus, _ now: WallTime) -> [Table.Cell] {
        // Rounded up: what is not over yet is no longer than it was.
        let next = service.nextStartAt.map { at in
            let left = at.duration(since: now)
            return left > .zero ? " (in \(TimeWords.wholeSeconds(max(left, .seconds(1)))))" : " (now)"
        }
        return [
            .init(service.name), .init(state(service) + (next ?? ""), colour(of: service)),
            .init(service.pid.map { "\($0)" } ?? "-"), .init(since(service, now)), .init("\(service.restarts)"),
            .init(reason(service)),
        ]
    }

    private static func reason(_ service: ServiceStatus) -> String {
        guard service.outdated else { return service.reason }
        let remark = "runs an older definition until its next start"
        return service.reason.isEmpty ? remark : "\(service.reason); \(remark)"
    }

    /// A running service that cannot do its work is told apart, and an end that was a failure.
    static func state(_ service: ServiceStatus) -> String {
        if service.endedBadly { return "EXITED (failed)" }
        guard service.state.known == .running else { return service.state.rawValue }
        if service.health?.known == .unhealthy { return "RUNNING (unhealthy)" }
        return service.ready ? "RUNNING" : "RUNNING (not ready)"
    }

    /// Whole units: nobody needs the milliseconds of an hour. A clock that was set back gives zero.
    static func since(_ service: ServiceStatus, _ now: WallTime) -> String {
        TimeWords.wholeSeconds(now.duration(since: service.since))
    }

    /// None of a state that this supctl does not know.
    static func colour(of service: ServiceStatus) -> Colour? {
        switch service.state.known {
        case .running where service.health?.known == .unhealthy: .yellow
        case .running: .green
        case .starting, .stopping, .backoff: .yellow
        case .fatal: .red
        case .exited where service.endedBadly: .red
        case .stopped, .exited: .grey
        case nil: nil
        }
    }
}

extension ServiceStatus {
    /// Whether it is left as it is after an end without success.
    fileprivate var endedBadly: Bool { state.known == .exited && lastExit?.success == false }
}
