import SupdPlugin

extension SettingsText {
    /// What a service was told: `settings`, its own keys with those of `[defaults]` that apply. What `[defaults]` say and `service`
    /// does not heed is left out.
    init(of service: ServiceConfiguration, _ settings: Settings, context: LoadContext) {
        var builder = Builder()
        for (setting, parent, spelling) in Self.heeded(by: service, settings, context: context) {
            let key = ServiceKey(rawValue: parent ?? setting.key)
            builder.add(
                setting, in: parent, as: spelling, isCommon: key.map { !ServiceKey.ofOneService.contains($0) } ?? false)
        }
        self = builder.text()
    }

    /// The keys of `settings`, and of tables in it that are taken key by key, as far as `service` heeds them.
    static func heeded(
        by service: ServiceConfiguration, _ settings: Settings, context: LoadContext
    ) -> [(setting: Setting, parent: String?, spelling: ValueSpelling)] {
        let writesFile = service.conduct.log.sink == .file && service.conduct.log.planned == nil
        var heeded: [(setting: Setting, parent: String?, spelling: ValueSpelling)] = []
        for setting in settings.list where !setting.isRepetition {
            guard let key = ServiceKey(rawValue: setting.key),
                service.conduct.type != .oneshot || !ServiceKey.notOfOneshot.contains(key)
            else { continue }
            guard ServiceKey.mergedKeyByKey.contains(key) else {
                heeded.append((setting, nil, service.spelling(of: key, in: context)))
                continue
            }
            for member in Subject(setting, faults: context.faults).settings?.list ?? [] where !member.isRepetition {
                let log = key == .log ? LogKey(rawValue: member.key) : nil
                if let log, LogKey.ofFile.contains(log), !writesFile { continue }
                heeded.append((member, setting.key, log?.spelling ?? key.spelling))
            }
        }
        return heeded
    }

    /// What `[supervisor]` says.
    init(ofSupervisor settings: Settings) {
        var builder = Builder()
        for setting in settings.list {
            guard let key = SupervisorKey(rawValue: setting.key) else { continue }
            guard key == .drain else {
                builder.add(setting, as: key.spelling)
                continue
            }
            for member in setting.value.settings?.list ?? [] {
                guard let budget = DrainKey(rawValue: member.key) else { continue }
                builder.add(member, in: setting.key, as: budget.spelling)
            }
        }
        self = builder.text()
    }

    /// What `[plugins.NAME]` says.
    init(ofPlugin settings: Settings?) {
        var builder = Builder()
        for setting in settings?.list ?? [] { builder.add(setting, as: ValueSpelling()) }
        self = builder.text()
    }
}
