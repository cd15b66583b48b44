import SupdPlugin

/// What must hold of all instances together: not too many, and no two that write to one log file.
struct InstanceCheck {
    private let faults: FaultCollector
    private var count = 0
    private var logFiles: [String: (service: ServiceName, place: Place)] = [:]

    static func run(services: [ServiceDraft], faults: FaultCollector) {
        var check = InstanceCheck(faults: faults)
        for service in services { check.add(service) }
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
        guard service.conduct.log.sink == .file, let file = service.conduct.log.file, let place = draft.logFilePlace
        else { return }
        for index in 1...max(service.instances, 1) {
            let instance = InstanceName(service: service.name, index: service.instances > 1 ? index : nil)
            guard let path = try? expandSpecifiers(file, instance: instance) else { return }
            guard let other = logFiles.updateValue((service.name, place), forKey: FilePath.normalized(path)) else {
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
}
