import SupdConfiguration
import SupdEngine
import SupdPlugin
import SupdProtocol

/// Which instances selectors mean, found a few at a time: a thousand globs over a hundred thousand instances take a while.
struct InstanceSelection {
    private let selectors: [ServiceSelector]
    /// Who asks; nil for somebody who may do everything.
    private let asker: Asker?
    /// Whether they mean what there is for who asks, be it nothing.
    private let meansAll: Bool
    /// Each instance once, in the order of the selectors.
    private(set) var found: [InstanceID] = []
    /// What globs and tags mean, and who asks may see only; nil for nothing.
    private(set) var refused: RefusedInstances?
    private var seen: Set<InstanceID> = []
    /// The selector that is looked at, and how far it is: the next of `candidates`.
    private var current = 0
    private var next = 0
    private var hasFound = false
    private var candidates: [InstanceID]?
    /// A name that there is not: what it may be meant to be is looked for.
    private var search: ClosestWord?
    /// The tag or state of that very name.
    private var otherKind: String?

    init(_ selectors: [ServiceSelector], for asker: Asker? = nil) {
        self.selectors = selectors
        self.asker = asker
        meansAll = selectors.map(\.description) == ["*"]
    }

    /// All that there is for somebody.
    init(allFor asker: Asker?) { self.init([ServiceSelector("*")], for: asker) }

    /// Looks at so many instances, or at those of the service that are more than that. True once all is found; throws where a selector means
    /// nothing.
    mutating func advance(_ desk: ControlDesk, limit: Int) throws(ProtocolError) -> Bool {
        var left = limit
        while left > 0, current < selectors.count {
            let selector = selectors[current]
            if search != nil {
                left -= try searchNext(desk, selector)
            } else if let exact = selector.exactName {
                let named = desk.namedInstances(exact)
                left -= max(named.count, 1)
                for instance in named { try addNamed(instance, desk) }
                if hasFound {
                    finishSelector()
                } else {
                    try checkNumber(in: exact, desk)
                    try beginSearch(for: exact, selector)
                }
            } else {
                try match(desk, selector, &left)
            }
        }
        guard current == selectors.count else { return false }
        found.removeAll { !desk.seam.fleet.contains($0) }
        refused?.instances.removeAll { !desk.seam.fleet.contains($0) }
        // He who may not do it with any of them is denied as if he had named one.
        if let refused, let first = refused.instances.first, found.isEmpty {
            throw desk.access.denial(refused.asker, of: first)
        }
        return true
    }

    private mutating func match(
        _ desk: ControlDesk, _ selector: ServiceSelector, _ left: inout Int
    ) throws(ProtocolError) {
        let all = candidates ?? desk.seam.listed
        candidates = all
        while left > 0, next < all.count {
            let instance = all[next]
            next += 1
            left -= 1
            // Its service was removed since the last step.
            guard desk.seam.fleet.contains(instance) else { continue }
            let (name, state) = (desk.seam.name(of: instance), desk.seam.fleet[instance].state)
            if selector.matches(name, tags: desk.seam.definition(of: instance).configuration.tags, state: state) {
                addMeant(instance, desk)
            }
        }
        guard next == all.count else { return }
        if hasFound || meansAll { return finishSelector() }
        // A state need not be anybody's, and a glob may be meant for anything; a tag has a name, and some globs begin with one.
        guard selector.tag != nil || selector.openPrefix != nil else {
            throw .noSuchService(selector, suggestion: nil)
        }
        try beginSearch(for: selector.openPrefix ?? selector.description, selector)
    }

    /// Of a service that has several instances, and none of the number that `name` has: which it has.
    private func checkNumber(in name: String, _ desk: ControlDesk) throws(ProtocolError) {
        guard let sign = name.lastIndex(of: "@") else { return }
        let service = String(name[..<sign])
        let instances = desk.namedInstances(service)
        guard instances.count > 1, let first = instances.first, let last = instances.last, maySee(first, desk) else {
            return
        }
        throw ProtocolError(
            .noSuchService,
            "no service is named \(QuotedText.quote(name)): '\(service)' has \(desk.seam.name(of: first)) to \(desk.seam.name(of: last))"
        )
    }

    private mutating func beginSearch(for name: String, _ selector: ServiceSelector) throws(ProtocolError) {
        next = 0
        search = ClosestWord(to: name)
        // Who leaves out what kind of word it is.
        if ServiceState(rawValue: name.uppercased()) != nil {
            otherKind = ServiceSelector.statePrefix + name.lowercased()
        }
        if search == nil { throw .noSuchService(selector, suggestion: nil) }
    }

    /// Looks at the names of the next service and its instances for the one that is meant, and answers how many these are.
    private mutating func searchNext(_ desk: ControlDesk, _ selector: ServiceSelector) throws(ProtocolError) -> Int {
        let services = desk.seam.fleet.services
        guard next < services.count else {
            let nearest = search?.best.map { selector.openPrefix == nil ? $0 : $0 + "*" }
            throw .noSuchService(selector, suggestion: otherKind ?? nearest)
        }
        let service = services[services.index(services.startIndex, offsetBy: next)]
        let instances = desk.seam.fleet.instances(of: service)
        next += 1
        guard maySee(instances[0], desk) else { return 1 }
        guard selector.tag == nil else {
            let tags = desk.seam.definition(of: service).configuration.tags
            for tag in tags { search?.look(at: "tag:\(tag)") }
            return max(tags.count, 1)
        }
        let configuration = desk.seam.definition(of: service).configuration
        // As a unit of systemd is called.
        if selector.description == configuration.name.rawValue + ".service" { otherKind = configuration.name.rawValue }
        if configuration.tags.contains(selector.description) { otherKind = "tag:\(selector.description)" }
        search?.look(at: configuration.name.rawValue)
        // One instance alone has its service's name.
        if selector.description.hasPrefix("\(configuration.name)@"),
            desk.seam.name(of: instances[0]).index == nil
        {
            otherKind = configuration.name.rawValue
        }
        for instance in instances {
            let name = desk.seam.name(of: instance)
            if name.index != nil { search?.look(at: name.description) }
        }
        if selector.openPrefix?.hasSuffix("@") == true, desk.seam.name(of: instances[0]).index != nil {
            search?.look(at: "\(configuration.name)@")
        }
        return instances.count
    }

    private func maySee(_ instance: InstanceID, _ desk: ControlDesk) -> Bool {
        asker.map { desk.access.may($0.peer, .observe, instance) } ?? true
    }

    private func mayAsk(_ instance: InstanceID, _ desk: ControlDesk) -> Bool {
        asker.map { desk.access.may($0.peer, $0.access, instance) } ?? true
    }

    private mutating func addNamed(_ instance: InstanceID, _ desk: ControlDesk) throws(ProtocolError) {
        if let asker, !mayAsk(instance, desk) { throw desk.access.denial(asker, of: instance) }
        add(instance)
    }

    /// Adds what was not named itself: who may not even see it does not hear of it.
    private mutating func addMeant(_ instance: InstanceID, _ desk: ControlDesk) {
        guard maySee(instance, desk) else { return }
        if mayAsk(instance, desk) { return add(instance) }
        guard let asker else { return }
        hasFound = true
        guard seen.insert(instance).inserted else { return }
        if refused == nil { refused = RefusedInstances(asker: asker) }
        refused?.instances.append(instance)
    }

    private mutating func add(_ instance: InstanceID) {
        hasFound = true
        if seen.insert(instance).inserted { found.append(instance) }
    }

    private mutating func finishSelector() {
        current += 1
        next = 0
        hasFound = false
    }
}
