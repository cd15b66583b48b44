import SupdPlugin

/// Follows the names in `requires`, `wants`, `after` and `before`: each must be a service, another one, and the order they
/// make must have a beginning.
struct DependencyCheck {
    /// `from` starts after `to`.
    private struct Edge {
        let to: Int
        let place: Place
    }

    private let services: [ServiceDraft]
    private let faults: FaultCollector
    private let indices: [ServiceName: Int]
    /// Edges by the service that waits, each pair once, in the order they were written.
    private var edges: [[Edge]]
    private var cycleCount = 0

    /// Tells what is wrong with the references of `services`. `names` are all that are defined, also where their tables
    /// are not good; where a file could not be read whole, a missing name may be in the rest of it and is not told.
    static func run(
        services: [ServiceDraft], names: Set<ServiceName>, allWereRead: Bool, faults: FaultCollector
    ) {
        var check = DependencyCheck(services: services, faults: faults)
        check.resolve(names: names, allWereRead: allWereRead)
        check.findCycles()
    }

    private init(services: [ServiceDraft], faults: FaultCollector) {
        self.services = services
        self.faults = faults
        indices = Dictionary(services.enumerated().map { ($1.name, $0) }) { first, _ in first }
        edges = Array(repeating: [], count: services.count)
    }

    private mutating func resolve(names: Set<ServiceName>, allWereRead: Bool) {
        var known = services.map { _ in Set<Int>() }
        for (index, service) in services.enumerated() {
            for reference in service.references {
                if reference.target == service.name {
                    faults.add(
                        "'\(reference.key.rawValue)' of '\(service.name)' names the service itself", at: reference.place
                    )
                    continue
                }
                guard let target = indices[reference.target] else {
                    if allWereRead, !names.contains(reference.target) { tellUnknown(reference, names: names) }
                    continue
                }
                let (from, to) = reference.key == .before ? (target, index) : (index, target)
                if known[from].insert(to).inserted { edges[from].append(Edge(to: to, place: reference.place)) }
            }
        }
    }

    private func tellUnknown(_ reference: Reference, names: Set<ServiceName>) {
        var message = "'\(reference.key.rawValue)' names the service '\(reference.target)', which there is not"
        if !faults.isFull, let close = closestWord(to: reference.target.rawValue, among: names.map(\.rawValue)) {
            message += "; did you mean '\(close)'?"
        }
        faults.add(message, at: reference.place)
    }

    /// Depth first with a stack of its own, since a chain may be as long as there are services. Every edge that leads back
    /// onto the path closes a cycle, and every cycle has such an edge.
    private mutating func findCycles() {
        enum State { case unseen, onPath, done }
        var states = [State](repeating: .unseen, count: services.count)
        for start in services.indices where states[start] == .unseen {
            var path: [(service: Int, next: Int)] = [(start, 0)]
            states[start] = .onPath
            while let (service, next) = path.last {
                guard next < edges[service].count else {
                    states[service] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let edge = edges[service][next]
                switch states[edge.to] {
                case .unseen:
                    states[edge.to] = .onPath
                    path.append((edge.to, 0))
                case .onPath:
                    tellCycle(path, closedBy: edge)
                case .done:
                    break
                }
            }
        }
    }

    private mutating func tellCycle(_ path: [(service: Int, next: Int)], closedBy edge: Edge) {
        cycleCount += 1
        guard cycleCount <= ConfigurationLimits.cycles else { return }
        let onCycle = path.drop { $0.service != edge.to }.map(\.service) + [edge.to]
        let cycle = onCycle.map { services[$0].name.rawValue }
        // A cycle through a thousand services is not read to its end by anybody.
        let shown = cycle.count <= 20 ? cycle : Array(cycle.prefix(10)) + ["…"] + cycle.suffix(9)
        faults.add(
            "these services wait for each other: \(shown.joined(separator: " → ")); take one of the references out",
            at: edge.place)
    }
}
