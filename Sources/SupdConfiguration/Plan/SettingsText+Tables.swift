import SupdPlugin

extension ServiceConfiguration {
    /// What it was told: `settings`, its own keys with those of `[defaults]` that apply. What `[defaults]` say and it does not heed is
    /// left out.
    func settingsText(_ settings: KnownSettings<ServiceKey>, context: LoadContext) -> SettingsText {
        var builder = SettingsText.Builder()
        forEachHeeded(settings, context: context) { key, setting, parent, spelling in
            builder.add(setting, in: parent, as: spelling, isCommon: !ServiceKey.ofOneService.contains(key))
        }
        return builder.text()
    }

    /// Calls `body` with each key of `settings`, and of tables in it that are taken key by key, as far as the service heeds them: which it
    /// is, or which the table is that it is in, and the name of that table.
    func forEachHeeded(
        _ settings: KnownSettings<ServiceKey>, context: LoadContext,
        _ body: (ServiceKey, Setting, _ parent: String?, ValueSpelling) -> Void
    ) {
        for (key, setting) in settings.list where !setting.isRepetition {
            if conduct.type == .oneshot, ServiceKey.notOfOneshot.contains(key) { continue }
            guard ServiceKey.mergedKeyByKey.contains(key) else {
                body(key, setting, nil, spelling(of: key, in: context))
                continue
            }
            let writesFile = conduct.log.sink == .file && conduct.log.planned == nil
            for member in Subject(setting, faults: context.faults).settings?.list ?? [] where !member.isRepetition {
                let log = key == .log ? LogKey(rawValue: member.key) : nil
                if let log, LogKey.ofFile.contains(log), !writesFile { continue }
                body(key, member, setting.key, log?.spelling ?? key.spelling)
            }
        }
    }
}

extension SettingsText {
    /// What `[supervisor]` says.
    init(ofSupervisor settings: KnownSettings<SupervisorKey>) {
        var builder = Builder()
        for (key, setting) in settings.list {
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
