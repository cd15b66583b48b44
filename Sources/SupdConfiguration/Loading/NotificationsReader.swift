import SupdPlugin

/// Reads what a program may say of itself through its notification socket, and what follows: `notify_access`, `watchdog` and their kin.
struct NotificationsReader {
    let context: LoadContext
    let reader: TableReader<ServiceKey>
    /// The keys of the table itself, without the defaults.
    let own: KnownSettings<ServiceKey>
    let isPart: Bool

    func read(into service: inout ServiceConfiguration) {
        reader.read(.timeoutExtendMax, as: .duration, into: &service.conduct.timeoutExtendMax)
        let watchdog = reader.read(.watchdog, as: .timeLimit)
        let signal = reader.read(.watchdogSignal, as: .signal)
        service.conduct.reloadSignal = reader.read(.reloadSignal, as: .signal)
        reader.read(
            .fdStoreMax, as: .integer(0...ConfigurationLimits.fileDescriptorStore),
            into: &service.conduct.fileDescriptorStoreMax)
        let access = reader.read(.notifyAccess, as: Form<NotifyAccess>.word())
        if service.conduct.type == .oneshot {
            // It is never up, and what '[defaults]' say of what is up is not for it.
            for key in [ServiceKey.watchdog, .watchdogSignal] {
                refuse(key, "is for a service that goes on running, and '\(service.name)' is a oneshot: leave it out")
            }
        } else {
            service.conduct.watchdog = watchdog?.duration
            service.conduct.watchdogSignal = signal ?? service.conduct.watchdogSignal
        }
        if service.conduct.type == .notifyReload { service.conduct.reloadSignal = service.conduct.reloadSignal ?? .hup }
        if service.conduct.reloadSignal != nil {
            refuse(
                .execReload,
                "and 'reload_signal', which type = \"notify-reload\" has by itself, are two ways to reload: leave one of them out"
            )
        }
        service.conduct.notifyAccess = access ?? service.standardNotifyAccess
        if service.conduct.watchdog != nil, access == NotifyAccess.none {
            refuse(
                .notifyAccess,
                "of \"none\" leaves '\(service.name)' no way to give the signs of life that its 'watchdog' awaits")
        }
        if service.saysThatItIsReady, access == NotifyAccess.none {
            refuse(
                .notifyAccess,
                "of \"none\" leaves '\(service.name)' no way to say that it is ready: use \"main\", \"exec\" or \"all\""
            )
        }
    }

    private func refuse(_ key: ServiceKey, _ what: String) {
        guard !isPart, let setting = own[key] else { return }
        context.faults.add("'\(key.rawValue)' \(what)", at: setting.place)
    }
}

extension ServiceConfiguration {
    /// Whether its program says itself that it is ready.
    fileprivate var saysThatItIsReady: Bool {
        conduct.type.notifies || conduct.probes?.signals.contains(.notice) == true
    }

    /// Whose words are taken where that is not set: those of the main process where there is anything to say.
    var standardNotifyAccess: NotifyAccess {
        saysThatItIsReady || conduct.watchdog != nil || conduct.fileDescriptorStoreMax > 0 ? .main : .none
    }
}
