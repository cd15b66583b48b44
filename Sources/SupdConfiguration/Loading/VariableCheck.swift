import SupdPlugin

/// Looks for variables in commands that are certainly not set when these are run: likely a shell's own, which supd replaces by nothing.
enum VariableCheck {
    /// What every service has, and what it may have of supd.
    private static let ofService: Set<String> = [
        "PATH", "INVOCATION_ID", "SUPD_INSTANCE", "SUPD_SERVICE", "NOTIFY_SOCKET", "WATCHDOG_USEC",
    ]
    /// What one that runs as a user has.
    private static let ofUser: Set<String> = ["HOME", "USER", "LOGNAME", "SHELL"]
    /// What its commands beside `exec_start` may have.
    private static let ofCommands: Set<String> = ["MAINPID", "SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS"]

    /// Warns, once a key, of each of `services` whose commands have some.
    static func run(services: [ServiceDraft], faults: FaultCollector) {
        for draft in services {
            let service = draft.configuration
            look(at: service.execStart, .execStart, of: draft, known: [], faults: faults)
            for command in ServiceCommand.allCases {
                guard let list = service.conduct.commands[command], let key = ServiceKey(rawValue: command.rawValue)
                else { continue }
                look(at: list.flatMap(\.words), key, of: draft, known: ofCommands, faults: faults)
            }
        }
    }

    private static func look(
        at words: [String], _ key: ServiceKey, of draft: ServiceDraft, known: Set<String>, faults: FaultCollector
    ) {
        guard words.contains(where: { $0.utf8.contains(UInt8(ascii: "$")) }) else { return }
        let unset = variableNames(in: words).filter { !known.contains($0) && !mayBeSet($0, in: draft.configuration) }
        guard let first = unset.first else { return }
        let names = unset.map { "'$\(shortened($0))'" }.joined(separator: ", ")
        faults.warn(
            "nothing is put in the place of \(names) in '\(key.rawValue)', as '\(draft.name)' has no such variable: "
                + "write '$$\(shortened(first))' for the shell's own", at: draft.place(of: key) ?? draft.place)
    }

    /// Whether a variable may be set at a start, as far as the configuration says.
    private static func mayBeSet(_ name: String, in service: ServiceConfiguration) -> Bool {
        let conduct = service.conduct
        return ofService.contains(name) || !conduct.environmentFiles.isEmpty
            || conduct.identity != nil && ofUser.contains(name)
            || service.environment.contains { $0.name == name }
            || conduct.passEnvironment.contains { Glob.isPattern($0) ? Glob($0).matches(name) : $0 == name }
    }
}
