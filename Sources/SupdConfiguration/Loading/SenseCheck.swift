import Glibc
import SupdPlugin

/// Looks for values that are right by themselves and cannot do what their keys are for.
enum SenseCheck {
    /// Signals that no process can take for a word: they end it, or hold it.
    private static let deaf = [SIGKILL, SIGSTOP]
    /// Signals that end no process that has not asked for it.
    private static let harmless = [SIGCONT, SIGCHLD, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]

    /// Those by which nothing is known to end that asked for it either, as httpd does for SIGWINCH.
    private static let idle = harmless.filter { $0 != SIGWINCH }

    /// Variables of a service that are always supd's.
    private static let own: Set<String> = ["INVOCATION_ID", "SUPD_INSTANCE", "SUPD_INVOCATION", "SUPD_SERVICE"]

    /// Warns of each of them; `access` is what holds for services that say nothing of their own.
    static func run(services: [ServiceDraft], access: AccessRules, faults: FaultCollector) {
        for draft in services {
            lookAtAccess(of: draft, over: access, faults)
            func warn(_ key: ServiceKey, _ message: String) {
                faults.warn(message, at: draft.place(of: key) ?? draft.place)
            }
            for case .delay(let time) in draft.conduct.probes?.signals ?? [] {
                guard let limit = draft.conduct.timeoutStart, time >= limit else { continue }
                warn(
                    .ready,
                    "'ready' lets \(time.text) pass, and 'timeout_start' ends a start after \(limit.text): '\(draft.name)' can never be "
                        + "ready; raise 'timeout_start', or wait for less")
            }
            if let variable = draft.configuration.environment.first(where: { own.contains($0.name) }) {
                warn(
                    .environment,
                    "'environment.\(variable.name)' is not what '\(draft.name)' finds there: supd says by that which start of which service it "
                        + "is; take another name")
            }
            if let signal = draft.conduct.reloadSignal, deaf.contains(signal.rawValue) {
                warn(
                    .reloadSignal,
                    "'reload_signal' is \(signal), which \(signal == .kill ? "ends" : "halts") '\(draft.name)' instead of having it read "
                        + "its configuration: take the one that it is documented to reload by, as SIGHUP")
            }
            let stops = draft.conduct.stopSteps
            if stops.allSatisfy({ idle.contains($0.signal.rawValue) }) {
                let key: ServiceKey = draft.place(of: .killSignal) == nil ? .stopSteps : .killSignal
                let signals = stops.map(\.signal.description).joined(separator: ", ")
                let wait = stops.reduce(Duration.zero) { $0 + $1.wait }
                warn(
                    key,
                    "'\(key.rawValue)' is \(signals), which ends no process: '\(draft.name)' is killed by SIGKILL after \(wait.text); take "
                        + "the signal that it is documented to end by, as SIGTERM")
            }
            if draft.conduct.watchdog != nil, harmless.contains(draft.conduct.watchdogSignal.rawValue) {
                warn(
                    .watchdogSignal,
                    "'watchdog_signal' is \(draft.conduct.watchdogSignal), which ends no process: '\(draft.name)' is ended by its stop signal "
                        + "only after the time of that; take one that ends it, as SIGABRT")
            }
        }
    }

    /// An empty list is meant to keep everybody out, and does not keep out who may do more by `general`.
    private static func lookAtAccess(of draft: ServiceDraft, over general: AccessRules, _ faults: FaultCollector) {
        guard let own = draft.configuration.conduct.access else { return }
        let rules = own.over(general)
        for access in AccessClass.allCases where own.names(access) && own[access].names.isEmpty {
            let open = AccessClass.allCases.filter { $0 > access && !own.names($0) && !rules[$0].names.isEmpty }
            guard !open.isEmpty else { continue }
            let who = open.flatMap { rules[$0].names }.reduce(into: [String]()) {
                if !$0.contains($1) { $0.append($1) }
            }
            let emptied = open.map { "\($0.rawValue) = []" }.joined(separator: ", ")
            faults.warn(
                "'access.\(access.rawValue)' of '\(draft.name)' is empty, and does not keep out who may do more: "
                    + "\(who.joined(separator: ", ")), by \(open.map { "'\($0.rawValue)'" }.joined(separator: " and ")) of "
                    + "[supervisor.access]; write \(emptied) there too, or in their place who may",
                at: draft.place(of: .access) ?? draft.place)
        }
    }
}
