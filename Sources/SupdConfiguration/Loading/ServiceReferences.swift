import SupdPlugin

/// Names of services in the options of plugins, to be looked at when all services are known.
final class ServiceReferences {
    private var list: [(name: String, subject: Subject)] = []

    func add(_ name: String, _ subject: Subject) {
        list.append((name, subject))
    }

    /// Tells of those that are not among `names`.
    func check(among names: some Collection<ServiceName>, faults: FaultCollector) {
        let known = Set(names.map(\.rawValue))
        for (name, subject) in list where !known.contains(name) {
            var message = "names the service '\(shortened(name))', which there is not"
            if !faults.isFull, let close = closestWord(to: name, among: known) {
                message += "; did you mean '\(close)'?"
            }
            subject.fault(message)
        }
    }
}
