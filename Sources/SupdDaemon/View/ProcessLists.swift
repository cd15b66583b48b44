import SupdEngine
import SupdHost
import SupdPlugin

/// So many processes are named where there may be any number.
let processesNamed = 3

/// Processes, as part of a sentence.
extension Seam {
    /// `a process`, `2 processes`.
    func processes(_ count: Int) -> String { count == 1 ? "a process" : "\(count) processes" }

    /// `17 (sleep 60), 18 ([kworker]), …` of numbers; only those that are named are looked at.
    func list(of processes: [Int32], atMost count: Int = processesNamed) -> String {
        let shown = host.details(of: Array(processes.prefix(count)))
        return list(of: shown, atMost: count, more: processes.count - min(processes.count, count))
    }

    /// The same of processes that were looked at; `note` is put behind a command, and `more` are not among them.
    func list(
        of processes: [ProcessDetail], atMost count: Int = processesNamed, more: Int = 0,
        note: (ProcessDetail) -> String = { _ in "" }
    ) -> String {
        let shown = processes.prefix(count).map {
            "\($0.pid) (\(FatalReason.shown($0.command, atMost: 60))\(note($0)))"
        }
        return shown.joined(separator: ", ") + (processes.count + more > shown.count ? ", …" : "")
    }
}
