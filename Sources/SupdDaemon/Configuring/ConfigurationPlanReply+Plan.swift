import SupdConfiguration
import SupdPlugin
import SupdProtocol

extension ConfigurationPlanReply {
    private init(_ plan: ConfigurationPlan, older: [String], path: String) {
        self.init(
            token: plan.token, path: path,
            counts: Counts(
                added: plan.count(of: .added), removed: plan.count(of: .removed), restarted: plan.count(of: .restarted),
                changed: plan.count(of: .changed), scaled: plan.count(of: .scaled), unchanged: plan.unchanged),
            services: plan.services.compactMap(Service.init), supervisor: plan.supervisor.map(Key.init),
            plugins: plan.plugins.map { Plugin(name: $0.name, keys: $0.keys.map(Key.init)) }, older: older)
    }

    /// With what is restarted `along` with other services, and what runs on by `older` definitions; `names` are all, in the order of the
    /// files.
    init(
        _ plan: ConfigurationPlan, along: [ServiceName: ServiceName], names: [ServiceName], older: [String],
        path: String
    ) {
        self.init(plan, older: older, path: path)
        var others = along
        for place in services.indices {
            guard let name = ServiceName(services[place].name), let with = others.removeValue(forKey: name) else {
                continue
            }
            services[place].with = with.rawValue
        }
        // In the order of the files, behind what has changed itself.
        for name in names {
            guard let with = others[name] else { continue }
            services.append(Service(name: name.rawValue, kind: .restarted, with: with.rawValue))
        }
        counts.restarted += others.count
        counts.unchanged -= others.count
    }
}

extension ConfigurationPlanReply.Service {
    /// Nil of one that stays as it is.
    init?(_ change: ServiceChange) {
        let kind: ConfigurationPlanReply.Kind
        switch change.kind {
        case .added: kind = .added
        case .removed: kind = .removed
        case .restarted: kind = .restarted
        case .changed: kind = .changed
        case .scaled: kind = .scaled
        case .unchanged: return nil
        }
        // Where 'service.scale' was first, it has as many already.
        let isScaled = change.oldInstances != change.newInstances || change.touches("instances")
        self.init(
            name: change.name.rawValue, kind: kind, keys: change.keys.map(ConfigurationPlanReply.Key.init),
            instances: isScaled ? .init(old: change.oldInstances, new: change.newInstances) : nil)
    }
}

extension ConfigurationPlanReply.Key {
    init(_ change: KeyChange) {
        let effect: ConfigurationPlanReply.Effect =
            switch change.effect {
            case .atOnce: .atOnce
            case .nextStart: .nextStart
            case .daemonRestart: .daemonRestart
            }
        // That it is another one is all that is told.
        let isHidden = change.old == KeyChange.hidden && change.new == KeyChange.hidden
        self.init(
            key: change.key, old: isHidden ? nil : change.old, new: isHidden ? nil : change.new, effect: effect,
            standard: change.standard)
    }
}

extension ConfigurationPlan {
    /// `1 added, 2 restarted, 7 unchanged`.
    var sentence: String {
        let counts = ServiceChange.Kind.allCases.map { ($0, count(of: $0)) }.filter { $0.1 > 0 }
        let services = counts.map { "\($0.1) \($0.0.rawValue)" }
        let others = supervisorSentence.map { [$0] } ?? []
        let parts = services + others + plugins.map { "plugin '\($0.name)' changed" }
        return parts.isEmpty ? "nothing has changed" : parts.joined(separator: ", ")
    }

    /// `[supervisor] changed (socket only when supd is restarted)`; nil where it has not.
    private var supervisorSentence: String? {
        if supervisor.isEmpty { return nil }
        let later = supervisor.filter { $0.effect == .daemonRestart }.map(\.key)
        return "[supervisor] changed"
            + (later.isEmpty ? "" : " (\(later.joined(separator: ", ")) only when supd is restarted)")
    }
}
