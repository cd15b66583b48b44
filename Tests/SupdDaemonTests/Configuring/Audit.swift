import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting

@testable import SupdDaemon

extension Supervisor {
    /// What must not be once a configuration was put into effect and all has settled, as sentences.
    func faults(of files: ScriptedFiles, sinks: Int) -> [String] {
        guard case .success(let configuration) = files.load() else { return ["the file has faults"] }
        var faults = fleet.faults()
        func check(_ holds: Bool, _ sentence: @autoclosure () -> String) { if !holds { faults.append(sentence()) } }
        check(drain.gate == .open, "nothing is started any more")
        check(configuring.isSettled, "what was put into effect is not settled")
        let (services, wanted) = (Array(fleet.services), configuration.services)
        check(services.count == wanted.count, "\(services.count) services, the files have \(wanted.count)")
        let inForce = configuring.services.now
        check(inForce.map(\.id) == services, "others are in force than the fleet has")
        var known = 0
        for (id, service) in zip(services, wanted) {
            let definition = roster.definition(of: id)
            check(definition.configuration.text == service.text, "\(service.name) is not as the files have it")
            check(roster.service(named: service.name.rawValue) == id, "\(service.name) is another one by its name")
            check(
                (roster.logQueue(of: id) != nil) == (service.conduct.log.planned != nil),
                "\(service.name): its lines go where they should not")
            for (number, instance) in fleet.everyInstance(of: id).enumerated() {
                known += 1
                let row = roster[instance]
                check(row.service == id && row.name.service == service.name, "\(instance) is of another service")
                check(row.name.index == nil || row.name.index == number + 1, "\(row.name) has another number")
                if let index = row.name.index {
                    check(roster.instance(named: "\(service.name)@\(index)") == instance, "\(row.name) by its name")
                }
                check(processes.isRunning(instance) == fleet[instance].isLive, "\(row.name): running, and not live")
                let isOld = fleet[instance].isLive && runsOlderDefinition(instance)
                check(isOld || row.definition === definition, "\(row.name) has an older definition and does not run")
                check(
                    isOld || !fleet[instance].isLive || fleet[instance].settings === definition.settings,
                    "\(row.name): its machine has older settings")
            }
        }
        for service in inForce where fleet.contains(service.id) { faults += standingFaults(service) }
        check(roster.count == known, "\(roster.count) instances in the roster, \(known) in the fleet")
        if let graph = try? DependencyGraph(wanted.map(ServiceRelations.init)) {
            check(graph.requires == fleet.graph.requires, "requires \(fleet.graph.requires), not \(graph.requires)")
            check(graph.predecessors == fleet.graph.predecessors, "other predecessors")
            check(graph.stopsWith == fleet.graph.stopsWith, "other services to be stopped with")
        }
        return faults + leftFaults(sinks: sinks)
    }

    /// A service that was not looked at, as nothing was said to be done to it, and that is not as it says.
    private func standingFaults(_ service: ConfigurationInForce.Service) -> [String] {
        let instances = fleet.instances(of: service.id).filter { !fleet.isDeparting($0) }
        let name = service.definition.name
        var faults: [String] = []
        if service.definition !== roster.definition(of: service.id) { faults.append("\(name): another is in force") }
        if service.instances != instances.count { faults.append("\(name) has \(instances.count) instances") }
        for instance in instances where runsOlderDefinition(instance) && fleet[instance].isUp {
            let isKnown = service.running.contains { $0 === roster[instance].definition }
            if !isKnown { faults.append("\(instance) of \(name) runs by a definition that nobody knows of") }
        }
        return faults
    }

    /// What is left of instances that there are not any more.
    private func leftFaults(sinks: Int) -> [String] {
        let tables: [(String, [InstanceID])] = [
            ("the logs", logs.instances), ("processes", processes.instances),
            ("starts", launcher.instances), ("commands", commands.instances),
            ("probes", plugins.probes.instances), ("hooks", plugins.hooks.instances),
            ("sockets", launcher.sockets.owners.compactMap(\.instance)),
        ]
        var faults = tables.flatMap { name, instances in
            instances.filter { !fleet.contains($0) }.map { "\(name) still have \($0)" }
        }
        for owner in launcher.sockets.owners where !fleet.contains(owner.service) {
            faults.append("sockets still have \(owner)")
        }
        let queues = plugins.sinks.queues.count { !$0.takesEvents }
        if queues != sinks { faults.append("\(queues) sinks for lines, the file has \(sinks)") }
        if processes.pending.count > 0 { faults.append("\(processes.pending.count) spawns are not back") }
        if !plugins.isSettled { faults.append("plugins are on their way out") }
        let orders = control.waiting.all.filter(\.isOfServices).map(\.instances)
        if orders.contains(where: { $0.allSatisfy { !fleet.contains($0) } }) {
            faults.append("a waiter waits for nobody")
        }
        return faults
    }
}

extension SimulatedHost {
    /// Timers of instances that there are not any more.
    func timerFaults(_ supervisor: Supervisor) -> [String] {
        armedTokens.compactMap { token in
            let kind = TimerKind(rawValue: token.kind)
            guard kind == .service || kind == .emptyTree else { return nil }
            let instance = InstanceID(number: token.subject)
            return supervisor.fleet.contains(instance) ? nil : "a timer of \(instance), which is gone"
        }
    }
}
