import SupdPlugin

/// What options of plugins refer to: services, to be looked at when all of them are known, and programs.
final class OptionReferences {
    private var services: [(name: String, subject: Subject)] = []
    private var programs: [(path: String, subject: Subject)] = []

    func add(service name: String, _ subject: Subject) {
        services.append((name, subject))
    }

    func add(program path: String, _ subject: Subject) {
        programs.append((path, subject))
    }

    /// Tells of services that are not among `names`.
    func check(among names: some Collection<ServiceName>, faults: FaultCollector) {
        guard !services.isEmpty else { return }
        let known = Set(names.map(\.rawValue))
        for (name, subject) in services where !known.contains(name) {
            var message = "names the service '\(shortened(name))', which there is not"
            if !faults.isFull, let close = closestWord(to: name, among: known) {
                message += "; did you mean '\(close)'?"
            }
            subject.fault(message)
        }
    }

    /// Warns of programs that are certainly not there. One without a slash is looked for where only who runs it knows.
    func warnOfPrograms(sources: any ConfigurationSources, faults: FaultCollector) {
        for (path, subject) in programs where path.hasPrefix("/") && sources.isProgram(path) == false {
            faults.warn(
                "there is no file \(path) that can be executed, so \(subject.name) fails: install it, or correct its name",
                at: subject.place)
        }
    }
}
