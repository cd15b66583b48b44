package import SupdPlugin

/// What one service says of others.
package struct ServiceRelations: Hashable, Sendable {
    /// The service.
    package var name: ServiceName
    /// Must be up before it.
    package var requires: [ServiceName]
    /// Started with it and before it, but it goes on without them.
    package var wants: [ServiceName]
    /// Started before it where both are started.
    package var after: [ServiceName]
    /// Started after it where both are started.
    package var before: [ServiceName]
    /// Required, and it is stopped also where one of them goes down without an order (systemd.unit(5), BindsTo=).
    package var bindsTo: [ServiceName]
    /// Stopped and restarted with them, in no order (systemd.unit(5), PartOf=).
    package var partOf: [ServiceName]

    /// The relations of `name`.
    package init(
        name: ServiceName, requires: [ServiceName] = [], wants: [ServiceName] = [], after: [ServiceName] = [],
        before: [ServiceName] = [], bindsTo: [ServiceName] = [], partOf: [ServiceName] = []
    ) {
        self.name = name
        self.requires = requires
        self.wants = wants
        self.after = after
        self.before = before
        self.bindsTo = bindsTo
        self.partOf = partOf
    }
}

extension ServiceRelations {
    /// The same, as far as it speaks of these.
    fileprivate func only(_ names: Set<ServiceName>) -> ServiceRelations {
        ServiceRelations(
            name: name, requires: requires.filter(names.contains), wants: wants.filter(names.contains),
            after: after.filter(names.contains), before: before.filter(names.contains),
            bindsTo: bindsTo.filter(names.contains), partOf: partOf.filter(names.contains))
    }
}

/// A graph that cannot be.
package enum DependencyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The services of a cycle, the first one again at the end.
    case cycle([ServiceName])
    /// `service` names one that is not there.
    case unknown(ServiceName, in: ServiceName)
    /// Two services of one name.
    case duplicate(ServiceName)

    /// A sentence, the cycle printed as `a → b → a`.
    package var description: String {
        switch self {
        case .cycle(let names):
            "dependency cycle: " + names.map(\.rawValue).joined(separator: " → ") + " (each must start after the next)"
        case .unknown(let name, let service): "service '\(service)' depends on '\(name)', which is not there"
        case .duplicate(let name): "two services are named '\(name)'"
        }
    }
}

/// Who waits for whom, by the service's place in the list it was made of.
///
/// `requires` and `wants` order as well: what is pulled in is started first (dinit's `depends-on` and `waits-for`).
/// `bindsTo` is `requires` and more. `partOf` orders nothing, so it may go in circles.
/// `before` is `after` seen from the other side. Starts go along the order, stops against it, and what is not
/// ordered goes in parallel.
package struct DependencyGraph: Sendable {
    /// For each service, those that must be up before it may start: required, or bound to.
    package private(set) var requires: [[Int]]
    /// For each service, those that are started with it: required, bound to and wanted.
    package private(set) var pulls: [[Int]]
    /// For each service, those that come before it in any way.
    package private(set) var predecessors: [[Int]]
    /// For each service, those that come after it in any way: they go down first.
    package private(set) var successors: [[Int]]
    /// For each service, those that require it or are bound to it.
    package private(set) var requiredBy: [[Int]]
    /// For each service, those that are bound to it: they go down also where it does so without an order.
    package private(set) var boundBy: [[Int]]
    /// For each service, those that an order takes it down with: required, bound to, or what it is part of.
    package private(set) var stopsWith: [[Int]]
    /// The same seen from the other side: those that go down with it.
    package private(set) var takesDown: [[Int]]

    /// The graph of `services`. Throws where a name is unknown or used twice, or where an order has no beginning.
    package init(_ services: [ServiceRelations]) throws(DependencyError) {
        var places = [ServiceName: Int]()
        for (place, service) in services.enumerated() {
            guard places.updateValue(place, forKey: service.name) == nil else {
                throw .duplicate(service.name)
            }
        }
        func find(_ names: [ServiceName], of service: ServiceName) throws(DependencyError) -> [Int] {
            var found: [Int] = []
            for name in names {
                guard let place = places[name] else { throw .unknown(name, in: service) }
                found.append(place)
            }
            return Self.unique(found)
        }
        var requires = [[Int]](repeating: [], count: services.count)
        var pulls = requires
        var predecessors = requires
        var bindsTo = requires
        var stopsWith = requires
        for (place, service) in services.enumerated() {
            let required = service.requires + service.bindsTo
            bindsTo[place] = try find(service.bindsTo, of: service.name)
            requires[place] = try find(required, of: service.name)
            stopsWith[place] =
                service.partOf.isEmpty ? requires[place] : try find(required + service.partOf, of: service.name)
            pulls[place] = try find(required + service.wants, of: service.name)
            predecessors[place] += try find(required + service.wants + service.after, of: service.name)
            for successor in try find(service.before, of: service.name) { predecessors[successor].append(place) }
        }
        for place in predecessors.indices { predecessors[place] = Self.unique(predecessors[place]) }
        self.requires = requires
        self.pulls = pulls
        self.predecessors = predecessors
        self.successors = Self.reversed(predecessors)
        self.requiredBy = Self.reversed(requires)
        self.boundBy = Self.reversed(bindsTo)
        self.stopsWith = stopsWith
        self.takesDown = Self.reversed(stopsWith)
        guard let cycle = cycles(in: predecessors, atMost: 1).first else { return }
        throw .cycle(cycle.places.map { services[$0].name })
    }

    /// The graph of services that stay, and behind them of some that are on their way out and go by what they said before: of those that
    /// there still are, and where that goes in a circle with what stays now, only of one another, or of nobody. Throws where those that
    /// stay alone make no graph.
    package init(staying: [ServiceRelations], leaving: [ServiceRelations]) throws(DependencyError) {
        let names = Set((staying + leaving).map(\.name))
        let others = Set(leaving.map(\.name))
        for own in [leaving.map { $0.only(names) }, leaving.map { $0.only(others) }] {
            do throws(DependencyError) {
                self = try DependencyGraph(staying + own)
                return
            } catch {
                continue
            }
        }
        self = try DependencyGraph(staying + leaving.map { ServiceRelations(name: $0.name) })
    }

    /// Takes services out; those behind them move up. Of what is before them only what is said of them is different.
    package mutating func remove(_ gone: Set<Int>) {
        guard let first = gone.min() else { return }
        var next = first
        let places = requires.indices.map { place -> Int? in
            guard place >= first else { return place }
            guard !gone.contains(place) else { return nil }
            defer { next += 1 }
            return next
        }
        func remove(from edges: inout [[Int]]) {
            let behind = (first..<edges.count).filter { places[$0] != nil }.map { edges[$0] }
            edges.replaceSubrange(first..., with: behind)
            for place in edges.indices where edges[place].contains(where: { $0 >= first }) {
                edges[place] = edges[place].compactMap { places[$0] }
            }
        }
        remove(from: &requires)
        remove(from: &pulls)
        remove(from: &predecessors)
        remove(from: &successors)
        remove(from: &requiredBy)
        remove(from: &boundBy)
        remove(from: &stopsWith)
        remove(from: &takesDown)
    }

    /// `places` and everything that goes down with them, and so on.
    package func stopClosure(of places: [Int]) -> [Int] { closure(of: places, along: takesDown).map(\.place) }

    /// `places` and everything they require or want, and so on, each with that one of `places` that it is there for; one of `places` is
    /// there for itself.
    package func pulled(by places: [Int]) -> [(place: Int, origin: Int)] { closure(of: places, along: pulls) }

    /// The same as `stopClosure`, each with that one of `places` that it goes down with.
    func takenDown(with places: [Int]) -> [(place: Int, origin: Int)] { closure(of: places, along: takesDown) }

    private func closure(of places: [Int], along edges: [[Int]]) -> [(place: Int, origin: Int)] {
        var seen = Set(places)
        var result = Self.unique(places).map { (place: $0, origin: $0) }
        var next = 0
        while next < result.count {
            let (place, origin) = result[next]
            for neighbour in edges[place] where seen.insert(neighbour).inserted { result.append((neighbour, origin)) }
            next += 1
        }
        return result
    }

    private static func unique(_ list: [Int]) -> [Int] {
        guard list.count > 1 else { return list }
        var seen: Set<Int> = []
        return list.filter { seen.insert($0).inserted }
    }

    private static func reversed(_ edges: [[Int]]) -> [[Int]] {
        var result = [[Int]](repeating: [], count: edges.count)
        for (from, list) in edges.enumerated() {
            for to in list { result[to].append(from) }
        }
        return result
    }
}
