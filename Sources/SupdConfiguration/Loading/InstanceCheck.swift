import SupdPlugin

/// What must hold of all instances together: not too many, and no two that write to one log file, be it a rotated one.
struct InstanceCheck {
    private let faults: FaultCollector
    private var count = 0
    private var logFiles = [String: LogFile]()

    private struct LogFile {
        let service: ServiceName
        let place: Place
        /// How many rotated files supd keeps of it.
        let rotated: Int
    }

    static func run(services: [ServiceDraft], faults: FaultCollector) {
        var check = InstanceCheck(faults: faults)
        for service in services { check.add(service) }
        check.lookForRotatedFiles()
    }

    private init(faults: FaultCollector) {
        self.faults = faults
    }

    private mutating func add(_ draft: ServiceDraft) {
        let service = draft.configuration
        let before = count
        count += service.instances
        if count > ConfigurationLimits.instances {
            if before <= ConfigurationLimits.instances {
                faults.add(
                    "with '\(service.name)' there are over \(ConfigurationLimits.instances) instances in all",
                    at: draft.instancesPlace ?? draft.place)
            }
            return
        }
        guard service.conduct.log.sink == .file, let file = service.conduct.log.file, let place = draft.logFilePlace,
            !LogFileCheck.isNeverRotated(file)
        else { return }
        let log = service.conduct.log
        let entry = LogFile(service: service.name, place: place, rotated: log.rotateSize > 0 ? log.rotateKeep : 0)
        for index in 1...max(service.instances, 1) {
            let instance = InstanceName(service: service.name, index: service.instances > 1 ? index : nil)
            guard let path = try? expandSpecifiers(file, instance: instance) else { return }
            guard let other = logFiles.updateValue(entry, forKey: FilePath.normalized(path)) else {
                continue
            }
            if other.service == service.name {
                faults.add(
                    "'log.file' is one file for all \(service.instances) instances of '\(service.name)': "
                        + "put %i into its name", at: place)
            } else {
                faults.add(
                    "'log.file' of '\(service.name)' is the file of '\(other.service)' too "
                        + "(\(faults.description(of: other.place))): two services cannot rotate one file; "
                        + "%n puts the service's name into it", at: place)
            }
            return
        }
    }

    /// `x.log.2` is the second rotated file of `x.log`.
    private func lookForRotatedFiles() {
        var found: [(path: String, file: LogFile, other: LogFile)] = []
        for (path, file) in logFiles {
            guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { continue }
            let suffix = path[path.utf8.index(after: dot)...]
            guard let number = Int(suffix), number > 0, suffix == String(number),
                let other = logFiles[String(path[..<dot])], number <= other.rotated
            else { continue }
            found.append((path, file, other))
        }
        var told: Set<ServiceName> = []
        for (path, file, other) in found.sorted(by: { $0.path < $1.path }) where told.insert(file.service).inserted {
            faults.add(
                "'log.file' of '\(file.service)' is \(path), which is a rotated file of '\(other.service)' "
                    + "(\(faults.description(of: other.place))): what is in it would be lost; take another name, or a lower "
                    + "'rotate_keep' there", at: file.place)
        }
    }
}
