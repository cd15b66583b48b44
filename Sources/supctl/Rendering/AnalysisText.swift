import SupdPlugin
import SupdProtocol

/// What `analyze` prints of what the start has taken.
enum AnalysisText {
    /// The start as a whole.
    static func summary(_ timings: ServiceTimings) -> String {
        let up = timings.services.filter { $0.up != nil }
        let begun = timings.services.filter { $0.begun != nil }
        var text =
            timings.ready.map { "supd was ready \(time($0)) after its start.\n" } ?? "supd is not ready yet.\n"
        let missing = begun.filter { $0.up == nil }.map { DisplayText.safe($0.name) }
        let others = missing.isEmpty ? "" : ", all but \(missing.named(atMost: 8))"
        let started = plural(begun.count, "instance that was", "instances that were")
        text += "\(up.count) of \(started) started \(up.count == 1 ? "has" : "have") been up\(others).\n"
        let ofStart = up.filter { isOfStart($0, timings) }
        if let end = ofStart.compactMap(\.up).max() {
            // One turn of the loop is one moment: several may be up at it.
            let last = ofStart.filter { $0.up == end }.map { DisplayText.safe($0.name) }
            text +=
                "The last of the start \(last.count == 1 ? "was" : "were") \(last.named(atMost: 3)), at \(time(end)).\n"
        }
        return text
            + "'supctl analyze blame' shows what took longest, 'supctl analyze critical-chain' what was waited for.\n"
    }

    /// What took longest, the longest first.
    static func blame(_ timings: ServiceTimings) -> String {
        let rows = timings.services.compactMap { service in service.took.map { (service.name, $0) } }
            .sorted { $0.1 > $1.1 }
        guard !rows.isEmpty else { return "no service has been up yet\n" }
        let width = rows.map { time($0.1).count }.max() ?? 0
        return rows.map { name, took in
            let text = time(took)
            return String(repeating: " ", count: width - text.count) + "\(text) \(DisplayText.safe(name))\n"
        }.joined()
    }

    /// What an instance had to wait for, one after the other: the one of those that `name` means that was up last, or of the start where
    /// that is nil.
    static func criticalChain(
        _ timings: ServiceTimings, _ graph: [RelatedService], of name: String?, meaning instances: [String] = [],
        lines: TreeLines
    ) -> String {
        let byService = Dictionary(grouping: timings.services, by: \.service)
        let services = Dictionary(graph.map { ($0.name, $0) }) { first, _ in first }
        func needs(of service: String) -> [ServiceRelation] {
            services[service]?.needs.filter { $0.kind.known != .partOf } ?? []
        }
        /// The one that was up last; of several at the same moment one that none of the others needs.
        func last(of rows: [ServiceTiming]) -> ServiceTiming? {
            let end = rows.compactMap { $0.took == nil ? nil : $0.up }.max()
            let latest = rows.filter { $0.up == end && $0.took != nil }
            return latest.first { row in
                !latest.contains { other in needs(of: other.service).contains { $0.service == row.service } }
            } ?? latest.first
        }
        func last(_ service: String) -> ServiceTiming? { last(of: byService[service] ?? []) }
        let meant = Set(instances)
        var next = last(
            of: timings.services.filter { name == nil ? isOfStart($0, timings) : meant.contains($0.name) })
        guard next != nil else {
            return name.map { "\(DisplayText.safe($0)) has not been up yet\n" } ?? "no service has been up yet\n"
        }
        var text = "When each was up is behind @, what its start took behind +.\n"
        var indent = ""
        var seen: Set<String> = []
        while let timing = next, seen.insert(timing.service).inserted {
            let head = indent.isEmpty ? "" : indent.dropLast(2) + lines.last
            text +=
                "\(head)\(DisplayText.safe(timing.name)) @\(time(timing.up ?? .zero)) +\(time(timing.took ?? .zero))\n"
            indent += lines.blank
            // What was up only later was not waited for.
            next = last(
                of: needs(of: timing.service).compactMap { last($0.service) }
                    .filter { ($0.up ?? .zero) <= (timing.up ?? .zero) })
        }
        return text
    }

    /// Whether an instance was up before supd was ready: what came later was ordered by somebody.
    private static func isOfStart(_ timing: ServiceTiming, _ timings: ServiceTimings) -> Bool {
        guard let up = timing.up else { return false }
        return timings.ready.map { up <= $0 } ?? true
    }

    /// `1.234s`, `56ms`, to the millisecond.
    private static func time(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.clampedNanoseconds / 1_000_000)
        return Duration.milliseconds(milliseconds).text
    }
}
