import SupdPlugin

/// What a value of a key may be written as and mean the same, so that it is spelled in one way.
struct ValueSpelling: Sendable {
    /// What one value is.
    enum Item: Sendable {
        /// What it is in the file.
        case plain
        /// A secret: told apart by a hash and never shown.
        case hidden
        /// A duration, as text or as seconds.
        case duration
        /// The same, or no limit.
        case timeLimit
        /// A signal by its name, with `SIG` or without.
        case signal
        /// Permissions in octal, as text or as a number.
        case octal
        /// A name or an id, which may be a number.
        case account
        /// A command as a list of words or as one string.
        case words
        /// A size, as text or as a number of bytes.
        case size
        /// A name, or a table with the name under this key and options.
        case named(String)
        /// A table with keys that are spelled so, and left out where they say what holds without them; a list of such tables. Where only
        /// the key `alone` is left, its value stands for the table.
        case members([String: ValueSpelling], alone: String? = nil)
    }

    /// What one value is.
    var item = Item.plain
    /// Whether it is a list, in place of which one item may stand.
    var isList = false
    /// Its spelling where it says what holds without it: it counts as not set then. So does every empty list.
    var standard: String?
}

extension ServiceKey {
    /// How a value of this key is spelled; of a table that is taken key by key, see that of its keys.
    var spelling: ValueSpelling {
        switch self {
        case .description: ValueSpelling(standard: "\"\"")
        case .type: ValueSpelling(standard: "\"exec\"")
        case .enabled: ValueSpelling(standard: "true")
        case .essential, .noNewPrivileges: ValueSpelling(standard: "false")
        case .instances: ValueSpelling(standard: "1")
        case .execStart: ValueSpelling(item: .words)
        case .tags, .requires, .wants, .after, .before, .bindsTo, .partOf, .environmentFiles, .passEnvironment:
            ValueSpelling(isList: true)
        case .sockets: ValueSpelling(item: .members(SocketKey.spellings), isList: true)
        case .stopSteps: ValueSpelling(item: .members(StopStepKey.spellings), isList: true)
        case .hooks: ValueSpelling(item: .members(HookKey.spellings))
        case .execStartPre, .execStartPost, .execReload, .execStop, .execStopPost:
            ValueSpelling(item: .members(CommandKey.spellings))
        case .user, .group: ValueSpelling(item: .account)
        case .supplementaryGroups: ValueSpelling(item: .account, isList: true)
        case .umask: ValueSpelling(item: .octal, standard: "\"0022\"")
        case .workingDirectory: ValueSpelling(standard: "\"/\"")
        case .restart, .backoff: ValueSpelling(item: .named("policy"))
        case .ready: ValueSpelling(item: .members(ProbeKey.spellings(ofHealth: false), alone: ProbeKey.type.rawValue))
        case .health: ValueSpelling(item: .members(ProbeKey.spellings(ofHealth: true), alone: ProbeKey.type.rawValue))
        case .successExitStatus, .restartPreventExitStatus, .restartForceExitStatus:
            ValueSpelling(item: .signal, isList: true)
        case .startLimitBurst: ValueSpelling(standard: "10")
        case .startLimitInterval: ValueSpelling(item: .duration, standard: "\"5min\"")
        case .killSignal: ValueSpelling(item: .signal, standard: "\"SIGTERM\"")
        case .timeoutStop: ValueSpelling(item: .duration, standard: "\"10s\"")
        case .killMode: ValueSpelling(standard: "\"control-group\"")
        // The standard depends on the type.
        case .timeoutStart: ValueSpelling(item: .timeLimit)
        case .minUptime: ValueSpelling(item: .duration, standard: "\"0s\"")
        case .runtimeMax: ValueSpelling(item: .duration)
        case .timeoutExtendMax: ValueSpelling(item: .duration, standard: "\"1h\"")
        case .watchdog: ValueSpelling(item: .timeLimit)
        case .watchdogSignal: ValueSpelling(item: .signal, standard: "\"SIGABRT\"")
        // The standard depends on the type.
        case .reloadSignal: ValueSpelling(item: .signal)
        case .fdStoreMax: ValueSpelling(standard: "0")
        // The standard depends on the type.
        case .notifyAccess: ValueSpelling()
        // A value of a variable may be a password.
        case .environment: ValueSpelling(item: .hidden)
        case .nice, .oomScoreAdjust, .limits, .resources, .log, .access: ValueSpelling()
        }
    }
}

extension ServiceConfiguration {
    /// The same in this service: what holds without some keys depends on others, or on what is compiled in.
    func spelling(of key: ServiceKey, in context: LoadContext) -> ValueSpelling {
        var spelling = key.spelling
        switch key {
        case .restart: spelling.standard = context.restartPolicies.standardText
        case .backoff: spelling.standard = context.backoffs.standardText
        case .timeoutStart: spelling.standard = standardTimeoutStartText
        case .watchdog: spelling.standard = "\"infinity\""
        case .notifyAccess: spelling.standard = "\"\(standardNotifyAccess.rawValue)\""
        case .reloadSignal: spelling.standard = conduct.type == .notifyReload ? "\"SIGHUP\"" : nil
        case .sockets:
            var spellings = SocketKey.spellings
            spellings[SocketKey.name.rawValue]?.standard = "\"\(name)\""
            spelling.item = .members(spellings)
        default: break
        }
        return spelling
    }
}

extension SocketKey {
    /// How each of its keys is spelled.
    static let spellings: [String: ValueSpelling] = [
        // The standard is the service's name.
        name.rawValue: ValueSpelling(),
        type.rawValue: ValueSpelling(standard: "\"stream\""),
        mode.rawValue: ValueSpelling(item: .octal, standard: "\"0666\""),
        backlog.rawValue: ValueSpelling(standard: "4096"),
        reusePort.rawValue: ValueSpelling(standard: "false"),
    ]
}

extension StopStepKey {
    /// How each of its keys is spelled.
    static let spellings: [String: ValueSpelling] = [
        signal.rawValue: ValueSpelling(item: .signal), wait.rawValue: ValueSpelling(item: .duration),
    ]
}

extension HookKey {
    /// How those of its keys are spelled that have a standard.
    static let spellings: [String: ValueSpelling] = [
        order.rawValue: ValueSpelling(standard: "0"),
        budget.rawValue: ValueSpelling(item: .duration, standard: "\"\(HooksReader.standardBudget.text)\""),
    ]
}

extension CommandKey {
    /// How each of its keys is spelled.
    static let spellings: [String: ValueSpelling] = [
        command.rawValue: ValueSpelling(item: .words),
        // The standard is that of the service's start or stop.
        timeout.rawValue: ValueSpelling(item: .timeLimit),
        ignoreFailure.rawValue: ValueSpelling(standard: "false"),
    ]
}

extension ProbeKey {
    /// How those of its keys are spelled that have a standard.
    static func spellings(ofHealth: Bool) -> [String: ValueSpelling] { ofHealth ? healthSpellings : readinessSpellings }

    private static let readinessSpellings = spellings(period: ProbesReader.readinessPeriod)
    private static let healthSpellings = spellings(period: ProbesReader.healthPeriod)

    private static func spellings(period standard: Duration) -> [String: ValueSpelling] {
        [
            initialDelay.rawValue: ValueSpelling(item: .duration, standard: "\"\(Duration.zero.text)\""),
            period.rawValue: ValueSpelling(item: .duration, standard: "\"\(standard.text)\""),
            timeout.rawValue: ValueSpelling(item: .duration, standard: "\"\(Duration.seconds(1).text)\""),
            failureThreshold.rawValue: ValueSpelling(standard: "\(ProbesReader.failureThreshold)"),
            onFailure.rawValue: ValueSpelling(standard: "\"\(PlannedProbe.OnFailure.restart.rawValue)\""),
        ]
    }
}

extension LogKey {
    /// How a value of this key is spelled.
    var spelling: ValueSpelling {
        switch self {
        case .sink: ValueSpelling(item: .named("type"), standard: "\"auto\"")
        case .stderr: ValueSpelling(standard: "\"same\"")
        case .overflow: ValueSpelling(standard: "\"wait\"")
        case .levelPrefix: ValueSpelling(standard: "true")
        case .rotateKeep: ValueSpelling(standard: "5")
        case .owner: ValueSpelling(item: .account)
        case .mode: ValueSpelling(item: .octal, standard: "\"0640\"")
        case .memory: ValueSpelling(item: .size, standard: "\"16KiB\"")
        case .maxLine: ValueSpelling(item: .size, standard: "\"48KiB\"")
        case .rotateSize: ValueSpelling(item: .size, standard: "\"10MiB\"")
        case .file: ValueSpelling()
        }
    }
}

extension SupervisorKey {
    /// How a value of this key is spelled; of `drain`, see that of its keys.
    var spelling: ValueSpelling {
        switch self {
        case .controlGroups: ValueSpelling(standard: "\"auto\"")
        case .exitWhen: ValueSpelling(standard: "\"never\"")
        case .connections, .startParallelism: ValueSpelling(standard: "64")
        case .hooks: ValueSpelling(item: .members(HookKey.spellings))
        case .socket, .drain, .access: ValueSpelling()
        }
    }
}

extension DrainKey {
    /// How a value of this key is spelled. Budgets that are not set follow the timeout, so none of them has one standard.
    var spelling: ValueSpelling {
        switch self {
        case .timeout: ValueSpelling(item: .duration, standard: "\"\(Duration.seconds(60).text)\"")
        case .quiesce, .jobs, .services, .flush: ValueSpelling(item: .duration)
        }
    }
}
