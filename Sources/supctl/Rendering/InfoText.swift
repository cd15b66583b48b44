import SupdPlugin
import SupdProtocol

/// What the daemon says of itself.
enum InfoText {
    /// A line for each fact, which goes on below where it is too long: nothing else says it.
    static func text(_ status: SupervisorStatus, terminal: Terminal) -> String {
        let uptime = Duration.seconds(max(0, status.uptime.components.seconds))
        var lines = [
            "supd \(status.version), pid \(status.pid)",
            "state: \(status.state.rawValue), up \(uptime.text); \(status.status)",
            "configuration: \(status.config ?? "none")",
        ]
        if let read = status.configurationReadAt {
            lines.append("read: \(read)\(status.configurationChanged == false ? "; unchanged since" : "")")
        }
        if status.configurationChanged == true { lines.append("changed since then: see 'supctl plan'") }
        lines.append("socket: \(status.socket)")
        if let resident = status.residentBytes { lines.append("memory: \(UsageText.size(resident))") }
        switch status.processTracking {
        case .controlGroups(let path): lines.append("processes: by control groups below \(path)")
        case .descent(let reason): lines.append("processes: by descent; \(reason)")
        case .other(let kind): lines.append("processes: by \(kind)")
        }
        if let watchdog = status.watchdog {
            let last = watchdog.pingedAt.map { "last pinged \($0)" } ?? "not pinged yet"
            lines.append("watchdog: \(last); systemd wants that every \(watchdog.interval.text)")
        }
        if let loop = status.loop, let longest = loop.longest {
            let (half, most) = (loop.median.text, loop.percentile99.text)
            lines.append("loop: half of its turns took \(half) at most, 99 of 100 \(most)")
            lines.append("longest turn: \(longest.took.text), at \(longest.at): \(longest.work)")
        }
        let page = Page(terminal)
        return lines.map { page.entry(DisplayText.safe($0)) }.joined()
    }
}
