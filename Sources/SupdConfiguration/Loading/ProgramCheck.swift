import SupdPlugin

/// Looks for programs of services that are not there. A start would say so too, and by then somebody waits for the service; a stop or a
/// reload may be the first in months.
struct ProgramCheck {
    private let sources: any ConfigurationSources
    /// What is known of a file; nil where that cannot be told.
    private var known = [String: Bool?]()

    /// Warns, once a program, of each of `services` one of whose programs is certainly not there.
    static func run(services: [ServiceDraft], sources: any ConfigurationSources, faults: FaultCollector) {
        var check = ProgramCheck(sources: sources)
        var told: Set<String> = []
        for draft in services {
            func look(at words: [String], _ consequence: @autoclosure () -> String, at place: @autoclosure () -> Place)
            {
                guard let program = words.first, let missing = check.missing(program, of: draft),
                    told.insert(missing).inserted
                else { return }
                faults.warn("\(missing), so \(consequence()): install it, or correct its name", at: place())
            }
            look(at: draft.configuration.execStart, "'\(draft.name)' cannot be started", at: draft.commandPlace)
            guard !draft.conduct.commands.isEmpty else { continue }
            for kind in ServiceCommand.allCases {
                for command in draft.conduct.commands[kind] ?? [] where !command.ignoresFailure {
                    look(
                        at: command.words,
                        kind == .startPre
                            ? "'\(draft.name)' cannot be started" : "'\(kind.rawValue)' of '\(draft.name)' fails",
                        at: ServiceKey(rawValue: kind.rawValue).flatMap(draft.place) ?? draft.place)
                }
            }
        }
    }

    private init(sources: any ConfigurationSources) {
        self.sources = sources
    }

    /// What there is not, as a sentence without an end; nil where the program is there, and where its name or the folders it is in are
    /// known only at a start.
    private mutating func missing(_ program: String, of draft: ServiceDraft) -> String? {
        guard !isReplaced(program) else { return nil }
        let isSearched = !hasByte(UInt8(ascii: "/"), program)
        guard let path = isSearched ? Self.path(of: draft.configuration) : "" else { return nil }
        let folder = draft.configuration.workingDirectory ?? "/"
        for candidate in candidates(program: program, path: path) {
            if !candidate.hasPrefix("/"), isReplaced(folder) { return nil }
            guard isProgram(FilePath.joined(folder, candidate)) == false else { return nil }
        }
        guard isSearched else {
            let file = FilePath.joined(folder, program)
            return "there is no file \(file) that can be executed"
        }
        return path.isEmpty
            ? "the PATH of the service has no folder that the program '\(shortened(program))' could be in"
            : "there is no program '\(shortened(program))' in \(path)"
    }

    /// `PATH` of a service; nil where it comes from what is read at a start.
    private static func path(of service: ServiceConfiguration) -> String? {
        if let own = service.environment.first(where: { $0.name == "PATH" }) {
            return own.value.utf8.contains(UInt8(ascii: "%")) ? nil : own.value
        }
        guard service.conduct.environmentFiles.isEmpty else { return nil }
        let passed = PassedEnvironment(service.conduct.passEnvironment, of: [Array("PATH=".utf8)])
        return passed.byName.isEmpty && passed.byPattern.isEmpty ? standardPath : nil
    }

    private mutating func isProgram(_ file: String) -> Bool? {
        if let answer = known[file] { return answer }
        let answer = sources.isProgram(file)
        known[file] = .some(answer)
        return answer
    }
}
