import SupdPlugin

extension SettingsText {
    /// What a service was told: `settings`, its own keys with those of `[defaults]` that apply. What `[defaults]` say and `service`
    /// does not heed is left out.
    init(of service: ServiceConfiguration, _ settings: Settings, context: LoadContext) {
        var builder = Builder()
        Self.forEachHeeded(by: service, settings, context: context) { key, setting, parent, spelling in
            builder.add(setting, in: parent, as: spelling, isCommon: !ServiceKey.ofOneService.contains(key))
        }
        self = builder.text()
    }

    /// Calls `body` with each key of `settings`, and of tables in it that are taken key by key, as far as `service` heeds them: which it
    /// is, or which the table is that it is in, and the name of that table.
    static func forEachHeeded(
        by service: ServiceConfiguration, _ settings: Settings, context: LoadContext,
        _ body: (ServiceKey, Setting, _ parent: String?, ValueSpelling) -> Void
    ) {
        let writesFile = service.conduct.log.sink == .file && service.conduct.log.planned == nil
        for setting in settings.list where !setting.isRepetition {
            guard let key = ServiceKey(rawValue: setting.key),
                service.conduct.type != .oneshot || !ServiceKey.notOfOneshot.contains(key)
            else { continue }
            guard ServiceKey.mergedKeyByKey.contains(key) else {
                body(key, setting, nil, service.spelling(of: key, in: context))
                continue
            }
            for member in Subject(setting, faults: context.faults).settings?.list ?? [] where !member.isRepetition {
                let log = key == .log ? LogKey(rawValue: member.key) : nil
                if let log, LogKey.ofFile.contains(log), !writesFile { continue }
                body(key, member, setting.key, log?.spelling ?? key.spelling)
            }
        }
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
