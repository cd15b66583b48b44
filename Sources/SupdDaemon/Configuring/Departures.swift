import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Services that the configuration has no more, and that are not down yet: each keeps its row until nothing of it is left.
final class Departures {
    /// So many are looked at in every turn.
    private static let lookedAtUnasked = 32

    private unowned let seam: any ConfigurationSeam
    private let host: any Host
    private var services: Set<ServiceID> = []
    /// When it is looked at next whether they are gone.
    private var lookAt = MonotonicInstant(nanoseconds: .min)

    /// Nothing is on its way out.
    init(_ seam: any ConfigurationSeam) {
        self.seam = seam
        host = seam.host
    }

    var isEmpty: Bool { services.isEmpty }
    /// In the order of their identities.
    var all: [ServiceID] { services.sorted() }

    func contains(_ service: ServiceID) -> Bool { services.contains(service) }

    /// The services of these names are on their way out from now on; answers those, in the order of the configuration.
    func begin(_ names: Set<ServiceName>) -> [ServiceID] {
        let gone = Set(names.compactMap { seam.roster.service(named: $0.rawValue) }).subtracting(services)
        guard !gone.isEmpty else { return [] }
        services.formUnion(gone)
        return seam.fleet.services.filter(gone.contains)
    }

    /// Removes those of which nothing is left. True where there were some.
    func removeGone() -> Bool {
        guard !services.isEmpty else { return false }
        guard lookAt <= host.now else {
            host.arm(TimerKind.next.token(), at: lookAt)
            return false
        }
        // Each removal looks at the whole fleet: thousands that go one by one are removed many at a time.
        let count = services.count
        if count > Self.lookedAtUnasked {
            lookAt = host.now.advanced(by: .milliseconds(50 + count / 20))
            host.arm(TimerKind.next.token(), at: lookAt)
        }
        let gone = services.filter(isGone)
        guard !gone.isEmpty else { return false }
        // Who waits for them is answered from now on.
        services.subtract(gone)
        for service in gone { forget(service) }
        seam.act { fleet, _, _, _ in fleet.remove(gone) }
        seam.noteChange()
        return true
    }

    /// Whether nothing of a service is left that anybody will hear of.
    private func isGone(_ service: ServiceID) -> Bool {
        seam.fleet.isGone(service)
            && seam.fleet.everyInstance(of: service).allSatisfy { instance in
                !seam.processes.isRunning(instance) && !seam.commands.isBusy(with: instance)
                    && !seam.plugins.isBusy(with: instance)
            }
    }

    private func forget(_ service: ServiceID) {
        let instances = seam.fleet.everyInstance(of: service)
        // Who waits for it is answered while there is still something to say of it.
        seam.control.waiting.look(for: instances)
        for instance in instances {
            seam.emit(.removed(instance))
            if let task = seam.logs.finish(instance) { seam.drain.tasks.complete(task) }
            seam.logs.remove(instance)
            seam.processes.left.forget(instance)
            seam.commands.forget(instance)
            seam.plugins.probes.forget(instance)
            seam.notices.close(instance)
        }
        seam.launcher.sockets.closeAll(of: service)
        if let queue = seam.roster.exchangeLogQueue(of: service, nil) { seam.plugins.letGo(queue) }
        seam.log.write(
            .info, "\(seam.definition(of: service).name) is removed", about: instances.map(seam.name(of:)),
            kind: .removed)
        seam.roster.remove(service, instances: instances)
    }
}
