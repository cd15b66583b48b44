/// When a changed value of a key takes effect.
package enum KeyEffect: String, Hashable, Sendable, CaseIterable {
    /// Where it is: a running service, plugin or daemon takes it over and goes on.
    case atOnce = "at-once"
    /// With the next process of the service, which therefore is restarted.
    case nextStart = "next-start"
    /// Only once supd itself is restarted.
    case daemonRestart = "daemon-restart"
}

extension ServiceKey {
    /// When a change of this key takes effect; of a table that is taken key by key, see that of its keys.
    ///
    /// What a program is given by fork(2) and execve(2) and cannot be given later is for the next start; everything that supd
    /// itself decides or does, and what the kernel changes of a running process, is at once.
    var effect: KeyEffect {
        switch self {
        case .execStart, .type, .user, .group, .supplementaryGroups, .umask, .workingDirectory, .noNewPrivileges,
            .environment, .environmentFiles, .passEnvironment, .sockets,
            // Its program was told where to say what, and how often.
            .notifyAccess, .watchdog:
            .nextStart
        case .description, .enabled, .essential, .instances, .tags, .access,
            // Read when they are run.
            .execStartPre, .execStartPost, .execReload, .execStop, .execStopPost, .hooks,
            .requires, .wants, .after, .before, .bindsTo, .partOf,
            // setpriority(2), proc(5), prlimit(2), and the files of the control group.
            .nice, .oomScoreAdjust, .limits, .resources,
            .restart, .backoff, .successExitStatus, .restartPreventExitStatus, .restartForceExitStatus,
            .startLimitBurst, .startLimitInterval, .killSignal, .timeoutStop, .killMode, .stopSteps, .timeoutStart,
            .minUptime, .runtimeMax, .timeoutExtendMax, .watchdogSignal, .reloadSignal, .fdStoreMax, .log, .ready,
            .health:
            .atOnce
        }
    }
}

extension LogKey {
    /// When a change of this key takes effect. `sink` changes the pipe to or from `inherit` and `none`: see
    /// `KeyEffect.ofService(_:from:to:)`.
    var effect: KeyEffect {
        switch self {
        // Which pipes a program has is settled when it is started.
        case .stderr: .nextStart
        case .sink, .overflow, .memory, .file, .owner, .mode, .levelPrefix, .maxLine, .rotateSize, .rotateKeep: .atOnce
        }
    }
}

extension SupervisorKey {
    /// When a change of this key takes effect; of `drain`, see that of its keys.
    var effect: KeyEffect {
        switch self {
        // Clients are connected to the one, and services live in the others.
        case .socket, .controlGroups: .daemonRestart
        case .connections, .exitWhen, .startParallelism, .drain, .hooks, .access: .atOnce
        }
    }
}

extension DrainKey {
    /// When a change of this key takes effect: it is read by the next drain.
    var effect: KeyEffect {
        switch self {
        case .timeout, .quiesce, .jobs, .services, .flush: .atOnce
        }
    }
}

extension KeyEffect {
    /// Of the options of `[plugins.NAME]`: the plugin is taken down and up again, and nothing else.
    static let ofPluginOption = KeyEffect.atOnce

    /// Of the key `path` of a service, as `SettingsText` calls it, that had the value `old` and gets `new`.
    static func ofService(_ path: String, from old: String?, to new: String?) -> KeyEffect {
        let (key, member) = parts(of: path)
        switch (ServiceKey(rawValue: key), member) {
        case (.log, let member?):
            let log = LogKey(rawValue: member)
            if log == .sink, [old, new].contains(where: isWithoutPipe) { return .nextStart }
            return log?.effect ?? .nextStart
        // A program gets the descriptor when it is started.
        case (.ready, _) where [old, new].contains { $0?.contains("\"fd\"") == true }: return .nextStart
        // Every limit of a process and of a control group can be changed under it; no variable can.
        case (let key?, _): return key.effect
        case (nil, _): return .nextStart
        }
    }

    /// Of the key `path` of `[supervisor]`, as `SettingsText` calls it.
    static func ofSupervisor(_ path: String) -> KeyEffect {
        let (key, member) = parts(of: path)
        if let member, key == SupervisorKey.drain.rawValue {
            return DrainKey(rawValue: member)?.effect ?? .daemonRestart
        }
        return SupervisorKey(rawValue: key)?.effect ?? .daemonRestart
    }

    /// Whether a service with this `log.sink` writes to something that is no pipe of supd's.
    private static func isWithoutPipe(_ sink: String?) -> Bool {
        [LogConfiguration.Sink.inherit, .journalDirect, .none].contains { sink == "\"\($0.rawValue)\"" }
    }

    private static func parts(of path: String) -> (key: String, member: String?) {
        guard let dot = path.utf8.firstIndex(of: UInt8(ascii: ".")) else { return (path, nil) }
        return (String(path[..<dot]), String(path[path.utf8.index(after: dot)...]))
    }
}
