import SupdHost
import SupdPlugin

/// How long the daemon waits for killed leftovers at its start.
private let leftoverLimit: Duration = .seconds(5)

/// What an earlier daemon has left behind, told once it is ended.
extension Seam {
    /// Nothing is started beside what an earlier daemon of this control socket has left running.
    func endLeftovers() {
        let report = host.endLeftovers(within: leftoverLimit)
        if !report.isWhole {
            log.error(
                "the machine's processes could not be searched to the end: what an earlier supd has left may run beside this one",
                kind: .leftovers)
        }
        if !report.unread.isEmpty {
            log.warning(
                "not looked at, as their memory could not be read: \(list(report.unread)); what of these an earlier supd has left "
                    + "runs on", kind: .leftovers)
        }
        if !report.unbegun.isEmpty {
            log.warning(
                "an earlier supd has left children behind that had not begun their programs; killed: \(list(report.unbegun))",
                kind: .leftovers)
        }
        for leftover in report.leftovers {
            let service = leftover.instance.prefix { $0 != "@" }
            let fields: KeyValuePairs = ["service": String(service), "instance": leftover.instance]
            log.warning(
                "an earlier supd has left processes of \(leftover.instance) behind; killed: \(list(leftover.killed))",
                log.isForPrograms ? fields : [:], kind: .leftovers)
            guard !leftover.remaining.isEmpty else { continue }
            log.error(
                "these do not end, and \(leftover.instance) is not started beside them: \(list(leftover.remaining))",
                log.isForPrograms ? fields : [:], kind: .leftovers)
        }
    }

    private func list(_ processes: [ProcessDetail]) -> String {
        let shown = processes.prefix(8).map { process in
            "\(process.pid) (\(process.command), \(process.age.text) old)"
        }
        return shown.joined(separator: ", ") + (processes.count > shown.count ? ", …" : "")
    }
}
