import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The instances that there are, where the fleet and the roster are asked or changed together.
extension Supervisor {
    /// Has a service have so many instances, and answers those that it has and had. Unless it `starts` them, those that stay are left as
    /// they are.
    func scale(_ service: ServiceID, to count: Int, starts: Bool, cause: Cause) -> [InstanceID] {
        configuring.services.note(service)
        let before = Array(fleet.instances(of: service))
        reserve(service, count)
        act { $0.scale(service, to: count, starts: starts, cause: cause, now: $1, random: $2, into: &$3) }
        let after = Array(fleet.instances(of: service))
        let kept = Set(after)
        return after + before.filter { !kept.contains($0) }
    }

    /// Has room for `count` instances of a service in all that is kept by instance. From the first time on they are numbered.
    private func reserve(_ service: ServiceID, _ count: Int) {
        let first = fleet.instances(of: service)[0]
        if count > 1, name(of: first).index == nil { roster.number(first, 1) }
        var number = fleet.reservedCount(of: service)
        for instance in fleet.reserve(service, instances: count, now: host.now) {
            number += 1
            roster.add(instance, of: service, InstanceName(service: definition(of: service).name, index: number))
            control.meet(instance)
        }
    }

    /// The instances that there are, in the order of the configuration; those that were scaled away only while they go.
    var listed: [InstanceID] { fleet.services.flatMap { Array(fleet.instances(of: $0)) } }

    /// Whether an instance runs by an older definition than its service's.
    func runsOlderDefinition(_ instance: InstanceID) -> Bool {
        roster[instance].definition !== roster.definition(of: roster[instance].service) && fleet[instance].isLive
    }
}
