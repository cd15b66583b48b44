import SupdPlugin

/// Looks for files and folders that who checks may not use as a service needs it. A start would say so too, and by then somebody waits for the
/// service; of a log file it is only seen that nothing is in it.
struct ReachCheck {
    private let sources: any ConfigurationSources
    private let faults: FaultCollector
    /// What was told, or need not be told again.
    private var looked: Set<Use> = []

    private struct Use: Hashable {
        let kind: FileUse
        let path: String
    }

    /// Warns, once a file, of what `services` use and `sources` may not; nothing where nobody looks.
    static func run(services: [ServiceDraft], sources: any ConfigurationSources, faults: FaultCollector) {
        guard sources.privileges != nil else { return }
        var check = ReachCheck(sources: sources, faults: faults)
        for draft in services { check.look(at: draft) }
    }

    private init(sources: any ConfigurationSources, faults: FaultCollector) {
        self.sources = sources
        self.faults = faults
    }

    private mutating func look(at draft: ServiceDraft) {
        let (service, sources) = (draft.configuration, sources)
        var cannotStart: String { "'\(draft.name)' cannot be started" }
        // These supd uses itself, whoever the service runs as.
        for file in service.conduct.environmentFiles {
            look(
                .read, file.path, "the environment file", cannotStart,
                at: draft.place(of: .environmentFiles) ?? draft.place)
        }
        for (socket, place) in zip(service.sockets, draft.socketPlaces) {
            guard case .path(let path) = socket.address else { continue }
            look(.make, path, "the socket", "\(cannotStart) unless systemd hands the socket over", at: place)
        }
        if let path = Self.logFile(of: service) {
            look(
                .write, path, "the log file", "what '\(draft.name)' writes is lost",
                at: draft.logFilePlace ?? draft.place,
                unless: sources.isFolder(path) == true || sources.isFolder(FilePath.folder(of: path)) == false)
        }
        // These it uses as whom it runs.
        guard service.conduct.identity.map({ $0.uid == sources.ownCredentials.uid }) ?? true else { return }
        if let folder = service.workingDirectory, !isReplaced(folder) {
            look(
                .enter, folder, "the folder", cannotStart, at: draft.place(of: .workingDirectory) ?? draft.place,
                unless: sources.isFolder(folder) == false)
        }
        if let program = service.execStart.first, program.hasPrefix("/"), !isReplaced(program) {
            look(
                .execute, program, "the program", cannotStart, at: draft.commandPlace,
                unless: sources.isProgram(program) == false)
        }
    }

    /// `unless` it is something that is told elsewhere, which is asked once a file as well.
    private mutating func look(
        _ kind: FileUse, _ path: String, _ what: String, _ consequence: @autoclosure () -> String, at place: Place,
        unless isToldElsewhere: @autoclosure () -> Bool = false
    ) {
        guard looked.insert(Use(kind: kind, path: path)).inserted, !isToldElsewhere(),
            let error = sources.refusal(of: kind, at: path)
        else {
            return
        }
        faults.warn(
            "uid \(sources.ownCredentials.uid), who checks this, may not \(kind.rawValue) \(what) \(path), \(error): "
                + "\(consequence()); let supd's user do so, or choose another", at: place)
    }

    private static func logFile(of service: ServiceConfiguration) -> String? {
        guard service.conduct.log.sink == .file, service.conduct.log.planned == nil, let file = service.conduct.log.file
        else { return nil }
        let instance = InstanceName(service: service.name, index: service.instances > 1 ? 1 : nil)
        return try? expandSpecifiers(file, instance: instance)
    }
}
