import SupdPlugin

/// Follows the names in `requires` and its kin: each must be a service, another one, and the order they make must have a
/// beginning.
struct DependencyCheck {
    /// `from` starts after `to`.
    private struct Edge {
        let to: Int
        let place: Place
    }

    private let services: [ServiceDraft]
    private let names: Dictionary<ServiceName, Place>.Keys
    private let allWereRead: Bool
    private let faults: FaultCollector
    /// Where each service is: asked only of what others name.
    private lazy var indices: [ServiceName: Int] = Dictionary(services.enumerated().map { ($1.name, $0) }) { first, _ in
        first
    }
    /// Edges by the service that waits, each pair once, in the order they were written.
    private var edges: [[Edge]]

    /// Tells what is wrong with the references of `services`, and of `repetitions`, which make no order. `names` are all that are defined, also where their tables
    /// are not good; where a file could not be read whole, a missing name may be in the rest of it and is not told. Answers for each service those
    /// that start before it, and so are stopped after it; they go in no circle where no fault was told.
    static func run(
        services: [ServiceDraft], repetitions: [ServiceDraft], names: Dictionary<ServiceName, Place>.Keys,
        allWereRead: Bool,
        faults: FaultCollector
    ) -> [[Int]] {
        var check = DependencyCheck(services: services, names: names, allWereRead: allWereRead, faults: faults)
        check.resolve()
        for service in repetitions {
            for reference in service.references { _ = check.target(of: reference, in: service) }
        }
        check.findCycles()
        return check.edges.map { $0.map(\.to) }
    }

    private init(
        services: [ServiceDraft], names: Dictionary<ServiceName, Place>.Keys, allWereRead: Bool, faults: FaultCollector
    ) {
        self.services = services
        self.names = names
        self.allWereRead = allWereRead
        self.faults = faults
        edges = Array(repeating: [], count: services.count)
    }

    private mutating func resolve() {
        var known = services.map { _ in Set<Int>() }
        for (index, service) in services.enumerated() {
            for reference in service.references {
                // `part_of` orders nothing.
                guard let target = target(of: reference, in: service), reference.key != .partOf else { continue }
                let (from, to) = reference.key == .before ? (target, index) : (index, target)
                if known[from].insert(to).inserted { edges[from].append(Edge(to: to, place: reference.place)) }
            }
        }
    }

    /// The service that a reference of `service` names, nil where it names no other; what is wrong with it is told.
    private mutating func target(of reference: Reference, in service: ServiceDraft) -> Int? {
        if reference.target == service.name {
            faults.add("'\(reference.key.rawValue)' of '\(service.name)' names the service itself", at: reference.place)
            return nil
        }
        if let target = indices[reference.target] { return target }
        if allWereRead, !names.contains(reference.target) { tellUnknown(reference) }
        return nil
    }

    private func tellUnknown(_ reference: Reference) {
        var message = "'\(reference.key.rawValue)' names the service '\(reference.target)', which there is not"
        if !faults.isFull, let close = closestWord(to: reference.target.rawValue, among: names.map(\.rawValue)) {
            message += "; did you mean '\(close)'?"
        }
        faults.add(message, at: reference.place)
    }

    private func findCycles() {
        for cycle in cycles(in: edges.map { $0.map(\.to) }, atMost: ConfigurationLimits.cycles) { tell(cycle) }
    }

    private func tell(_ cycle: Cycle) {
        let names = cycle.places.map { services[$0].name.rawValue }
        // A cycle through a thousand services is not read to its end by anybody.
        let shown = names.count <= 20 ? names : Array(names.prefix(10)) + ["…"] + names.suffix(9)
        faults.add(
            "these services wait for each other: \(shown.joined(separator: " → ")); take one of the references out",
            at: edges[cycle.closingPlace][cycle.closingEdge].place)
    }
}
