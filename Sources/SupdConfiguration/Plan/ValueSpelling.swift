/// What a value of a key may be written as and mean the same, so that it is spelled in one way.
struct ValueSpelling {
    /// What one value is.
    enum Item {
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
        /// A name, or a table with the name under this key and options.
        case named(String)
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
        case .tags, .requires, .wants, .after, .before, .bindsTo, .partOf, .sockets, .environmentFiles,
            .passEnvironment, .stopSteps:
            ValueSpelling(isList: true)
        case .user, .group: ValueSpelling(item: .account)
        case .supplementaryGroups: ValueSpelling(item: .account, isList: true)
        case .umask: ValueSpelling(item: .octal, standard: "\"0022\"")
        case .workingDirectory: ValueSpelling(standard: "\"/\"")
        case .restart, .backoff: ValueSpelling(item: .named("policy"))
        case .ready, .health: ValueSpelling(item: .named(ProbeKey.type.rawValue))
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
        case .execStartPre, .execStartPost, .execReload, .execStop, .execStopPost, .nice, .oomScoreAdjust, .limits,
            .resources, .log, .hooks, .access:
            ValueSpelling()
        }
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
        case .file, .memory, .maxLine, .rotateSize: ValueSpelling()
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
        case .socket, .drain, .hooks, .access: ValueSpelling()
        }
    }
}

extension DrainKey {
    /// How a value of this key is spelled. Budgets that are not set follow the timeout, so none has one standard.
    var spelling: ValueSpelling {
        switch self {
        case .timeout, .quiesce, .jobs, .services, .flush: ValueSpelling(item: .duration)
        }
    }
}
