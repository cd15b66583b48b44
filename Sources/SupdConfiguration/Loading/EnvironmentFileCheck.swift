import SupdPlugin

/// Looks into the files of `environment_files`: what is wrong there keeps a service from starting, or is left out, at a time when nobody looks.
enum EnvironmentFileCheck {
    /// Warns, once a file, of what is not there and is not optional, and of what is wrong in one, where that stands. Another service may make
    /// it, or somebody write it before the start, so it is no fault.
    static func run(services: [ServiceDraft], sources: any ConfigurationSources, faults: FaultCollector) {
        var looked: Set<EnvironmentFile> = []
        for draft in services {
            for file in draft.configuration.conduct.environmentFiles where looked.insert(file).inserted {
                look(at: file, of: draft, sources, faults)
            }
        }
    }

    private static func look(
        at file: EnvironmentFile, of draft: ServiceDraft, _ sources: any ConfigurationSources, _ faults: FaultCollector
    ) {
        switch sources.environmentFile(file.path) {
        case nil: return
        case .success(let bytes)?:
            let number = faults.add(file: file.path)
            do {
                for line in try EnvironmentFileParser.parse(bytes).ignored {
                    let place = Place(file: number, line: line, column: 1)
                    faults.warn(EnvironmentFileParser.whyIgnored(), at: place)
                }
            } catch {
                let place = Place(file: number, line: error.line, column: 1)
                faults.warn("\(error.message), so '\(draft.name)' cannot be started", at: place)
            }
        case .failure(let problem)?:
            let place = draft.place(of: .environmentFiles) ?? draft.place
            guard problem.error.isAbsence else {
                faults.warn(
                    "the environment file \(file.path) cannot be read, so '\(draft.name)' cannot be started: \(problem)",
                    at: place)
                return
            }
            guard !file.optional else { return }
            faults.warn(
                "there is no environment file \(file.path), so '\(draft.name)' cannot be started: make it, correct its name, or "
                    + "write \"-\(file.path)\" where it may be absent", at: place)
        }
    }
}
