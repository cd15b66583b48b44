import SupdPlugin

/// Looks for variables in commands that are certainly not set when these are run: likely a shell's own, which supd replaces by nothing.
enum VariableCheck {
    /// What one that runs as a user has.
    private static let ofUser: Set<String> = ["HOME", "USER", "LOGNAME", "SHELL"]

    /// Warns, once a key, of each of `services` whose commands have some.
    static func run(services: [ServiceDraft], faults: FaultCollector) {
        for draft in services {
            look(at: draft.configuration.execStart, .execStart, nil, of: draft, faults: faults)
            for command in ServiceCommand.allCases where !draft.conduct.commands.isEmpty {
                guard let list = draft.conduct.commands[command], let key = ServiceKey(rawValue: command.rawValue)
                else { continue }
                look(at: list.flatMap(\.words), key, command, of: draft, faults: faults)
            }
        }
    }

    private static func look(
        at words: [String], _ key: ServiceKey, _ command: ServiceCommand?, of draft: ServiceDraft,
        faults: FaultCollector
    ) {
        guard words.contains(where: { hasByte(UInt8(ascii: "$"), $0) }) else { return }
        let service = draft.configuration
        func warn(_ names: [String], _ why: String, _ whose: String) {
            guard let first = names.first else { return }
            let list = names.map { "'$\(shortened($0))'" }.joined(separator: ", ")
            faults.warn(
                "nothing is put in the place of \(list) in '\(key.rawValue)', as \(why): write '$$\(shortened(first))' for \(whose)",
                at: draft.place(of: key) ?? draft.place)
        }
        var (unset, late): ([String], [String]) = ([], [])
        for name in variableNames(in: words) where !mayBeSet(name, in: service) {
            let supplied = SuppliedVariable(rawValue: name).flatMap {
                $0.isSupplied(to: command, of: service) ? $0 : nil
            }
            guard let supplied else {
                unset.append(name)
                continue
            }
            if !supplied.isInCommands { late.append(name) }
        }
        warn(unset, "'\(draft.name)' has no such variable\(command == nil ? "" : " there")", "the shell's own")
        warn(late, "only the program itself finds that in its environment", "a shell to look there")
    }

    /// Whether a variable may be set at a start, as far as the configuration says.
    private static func mayBeSet(_ name: String, in service: ServiceConfiguration) -> Bool {
        let conduct = service.conduct
        return name == "PATH" || !conduct.environmentFiles.isEmpty
            || conduct.identity != nil && ofUser.contains(name)
            || service.environment.contains { $0.name == name }
            || conduct.passEnvironment.contains { Glob.isPattern($0) ? Glob($0).matches(name) : $0 == name }
    }
}
