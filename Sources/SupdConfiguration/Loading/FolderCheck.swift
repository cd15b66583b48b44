/// Looks for the folders of `working_directory` that are not there, without which nothing of a service can be started.
enum FolderCheck {
    /// Warns, once a folder, of each of `services` whose folder is certainly not there. Another service may make it, so it is no fault.
    static func run(services: [ServiceDraft], sources: any ConfigurationSources, faults: FaultCollector) {
        var told: Set<String> = []
        for draft in services {
            guard let folder = draft.configuration.workingDirectory, !folder.utf8.contains(UInt8(ascii: "%")),
                sources.isFolder(folder) == false, told.insert(folder).inserted
            else { continue }
            faults.warn(
                "there is no folder \(folder), so '\(draft.name)' cannot be started: make it, or correct 'working_directory'",
                at: draft.place(of: .workingDirectory) ?? draft.place)
        }
    }
}
