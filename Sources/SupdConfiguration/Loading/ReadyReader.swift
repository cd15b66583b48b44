import SupdPlugin

/// Reads what `ready` waits for: one condition, or a table of `all` of them.
struct ReadyReader {
    /// The conditions that are not probes, by what `type` calls them.
    enum Kind: String, CaseIterable {
        case notify, fd, log, delay

        /// The one key that it takes beside `type`.
        var key: String? {
            switch self {
            case .notify: nil
            case .fd: "fd"
            case .log: "pattern"
            case .delay: "time"
            }
        }
    }

    /// What `type` calls them.
    static let words = Kind.allCases.map(\.rawValue)

    /// The descriptors that may be one to say on that it is ready: above the standard ones and below what any limit gives.
    private static let descriptors = 3...ReadySignal.lastDescriptor

    let probes: ProbesReader

    private var faults: FaultCollector { probes.context.faults }

    /// The conditions of `subject`; none where something is wrong with them, which is told.
    func conditions(_ subject: Subject?) -> (probe: PlannedProbe?, signals: [ReadySignal]) {
        var found: (probe: PlannedProbe?, signals: [ReadySignal]) = (nil, [])
        guard let subject else { return found }
        guard let settings = subject.settings, let all = settings["all"] ?? misspeltAll(settings, of: subject) else {
            add(subject, to: &found)
            return found
        }
        if let other = settings.list.first(where: { $0.key != all.key }) {
            faults.add(
                "'\(other.key)' does not stand beside 'all': write it into the condition that it is of", at: other.place
            )
        }
        guard let list = subject.member(all).items, !list.isEmpty else {
            subject.member(all).refuse("a list of conditions like { type = \"log\", pattern = \"listening*\" }")
            return found
        }
        for condition in list { add(condition, to: &found) }
        return found
    }

    /// What was likely meant to be `all`, which is told.
    private func misspeltAll(_ settings: Settings, of subject: Subject) -> Setting? {
        guard settings[ProbeKey.type.rawValue] == nil,
            let all = settings.misspelling(of: "all", among: ProbeKey.ofReadiness.map(\.rawValue))
        else { return nil }
        subject.tellMisspelt(all, for: "all")
        return all
    }

    private func add(_ subject: Subject, to found: inout (probe: PlannedProbe?, signals: [ReadySignal])) {
        if let nested = subject.settings?["all"] {
            faults.add("'all' does not stand in 'all': write its conditions beside the others", at: nested.place)
            return subject.member(nested).items?.forEach { add($0, to: &found) } ?? ()
        }
        let type = subject.value.string ?? subject.settings?[ProbeKey.type.rawValue]?.value.string
        guard let kind = type.flatMap(Kind.init) else {
            let probe = probes.readiness(subject)
            if found.probe != nil { subject.fault("is a second probe: of each kind of condition there is at most one") }
            found.probe = probe
            return
        }
        guard let signal = signal(kind, subject) else { return }
        if found.signals.contains(where: { Self.kind(of: $0) == kind }) {
            subject.fault("is a second condition of type \"\(kind.rawValue)\": there is at most one of each")
        }
        found.signals.append(signal)
    }

    private func signal(_ kind: Kind, _ subject: Subject) -> ReadySignal? {
        let known = [ProbeKey.type.rawValue, kind.key].compactMap(\.self)
        var misspelt: Set<String> = []
        for setting in subject.settings?.list ?? [] where !known.contains(setting.key) {
            var message = "unknown key '\(shortened(setting.key))' of ready of type \"\(kind.rawValue)\"; "
            message += "known are \(known.joined(separator: ", "))"
            if let close = closestWord(to: setting.key, among: known) {
                misspelt.insert(close)
                message += "; did you mean '\(close)'?"
            }
            faults.add(message, at: setting.place)
        }
        guard let key = kind.key else { return .notice }
        guard let setting = subject.settings?[key] else {
            if !misspelt.contains(key) { subject.fault("of type \"\(kind.rawValue)\" needs '\(key)'") }
            return nil
        }
        let value = subject.member(setting)
        switch kind {
        case .notify: return .notice
        case .fd: return Form.integer(Self.descriptors).read(value).map { .descriptor(Int32($0)) }
        case .log:
            return Form<String>.line.and {
                $0.utf8.count > ReadySignal.longestPattern
                    ? "must have at most \(ReadySignal.longestPattern) bytes" : $0.isEmpty ? "must not be empty" : nil
            }.read(value).map { .line(Glob(Glob.isPattern($0) ? $0 : "*\($0)*")) }
        case .delay: return Form<Duration>.positiveDuration.read(value).map(ReadySignal.delay)
        }
    }

    private static func kind(of signal: ReadySignal) -> Kind {
        switch signal {
        case .notice: .notify
        case .descriptor: .fd
        case .line: .log
        case .delay: .delay
        }
    }
}
