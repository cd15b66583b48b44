import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Somebody who may not do everything, as one who is told things: the one place that decides which services he hears of.
struct Viewer {
    let peer: PeerCredentials
    private let access: AccessControl

    init(_ peer: PeerCredentials, _ access: AccessControl) {
        self.peer = peer
        self.access = access
    }

    /// Whether he may be told of an instance.
    func sees(_ instance: InstanceID) -> Bool { access.may(peer, .observe, instance) }

    /// The same of a service; of one that is not there any more he is not.
    func sees(_ service: ServiceName) -> Bool { access.may(peer, .observe, service: service) }

    /// The same of what has such a name.
    func sees(named name: String) -> Bool {
        ServiceName(String(name.prefix { $0 != "@" })).map(sees) ?? false
    }

    /// How many of `instances` he may be told of, and what the first of them are called; of those that are not there any more he is not.
    func seen(of instances: ArraySlice<InstanceID>, naming limit: Int) -> (names: [String], count: Int) {
        var seen = (names: [String](), count: 0)
        // They mostly stand together with others of their service.
        var last: (service: ServiceID, isSeen: Bool)?
        for instance in instances {
            guard let (service, name) = access.find(instance) else { continue }
            if last?.service != service { last = (service, sees(instance)) }
            guard last?.isSeen == true else { continue }
            if seen.count < limit { seen.names.append(name.description) }
            seen.count += 1
        }
        return seen
    }

    /// The same of what an event is about; of what is gone by the rules that it had.
    func sees(_ instance: EventSubject.Instance) -> Bool {
        access.has(instance.name.service)
            ? sees(instance.name.service) : access.granted(to: peer, overridden: instance.access) != nil
    }

    /// The same of a plan, which is written beside the loop.
    var planReader: PlanReader { access.planReader(peer) }

    /// Whether he may be told of the daemon as a whole.
    var seesDaemon: Bool { access.granted(to: peer) != nil }

    /// Whether there is no service that he may not be told of.
    var seesEverything: Bool { access.mayAll(peer, .observe) }
}

extension EventCause {
    /// As `viewer` may be told it: that it was another service, and which one where he may see that.
    func told(to viewer: Viewer?) -> EventCause {
        guard let viewer, case .dependency(let name?) = self, !viewer.sees(named: name) else { return self }
        return .dependency(nil)
    }
}

extension ConfigurationPlanReply.Outcome {
    /// As `viewer` may be told it: of services what concerns those that he may see.
    func told(to viewer: Viewer?) -> Self {
        guard let viewer else { return self }
        return Self(
            applied: applied, deferred: deferred.filter(viewer.sees(named:)),
            failed: failed.filter { viewer.sees(named: $0.name) })
    }
}

extension DrainReport {
    /// As `viewer` may be told it: of services what concerns those that he may see, and sentences that may name any not at all where there
    /// are others.
    func told(to viewer: Viewer?) -> DrainReport {
        guard let viewer, !viewer.seesEverything else { return self }
        func told(_ text: String) -> String { Sentence(ofAnything: text).told(to: viewer) }
        var report = self
        report.cause = told(cause)
        for names in [\DrainReport.servicesStopped, \.servicesKilled, \.servicesCutShort] {
            report[keyPath: names].removeAll { !viewer.sees(named: $0) }
        }
        report.servicesAbandoned.removeAll { !viewer.sees(named: $0.name) }
        for place in report.tasksAbandoned.indices {
            report.tasksAbandoned[place].name = told(tasksAbandoned[place].name)
        }
        report.hooksFailed = hooksFailed.map(told)
        return report
    }
}
