import SupdPlugin

/// What `pass_environment` takes out of the daemon's own environment.
package struct PassedEnvironment {
    /// A variable in bytes: neither need be text.
    package typealias Variable = (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)

    /// What patterns match, less what speaks to supd itself.
    package private(set) var byPattern: [Variable] = []
    /// What is named.
    package private(set) var byName: [Variable] = []

    /// Of `environment`, `NAME=value` each. What has no name is left out; of a name that comes twice the first counts, as for
    /// getenv(3).
    package init(_ names: [String], of environment: [[UInt8]]) {
        let patterns = names.filter(Glob.isPattern).map { Glob($0) }
        let exact = Set(names.filter { !Glob.isPattern($0) })
        var seen: Set<ArraySlice<UInt8>> = []
        for variable in environment {
            guard let equals = variable.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { continue }
            let (name, value) = (variable[..<equals], variable[(equals + 1)...])
            let text = String(decoding: name, as: UTF8.self)
            let isNamed = exact.contains(text)
            guard isNamed || !Self.speaksToDaemon(text) && patterns.contains(where: { $0.matches(name) }),
                seen.insert(name).inserted
            else { continue }
            if isNamed { byName.append((name, value)) } else { byPattern.append((name, value)) }
        }
    }

    /// Whether a variable is meant for the daemon: what a service manager tells it (sd_notify(3), sd_listen_fds(3),
    /// sd_watchdog_enabled(3), systemd.exec(5)), and what supd tells a supd. A service would answer in its place.
    package static func speaksToDaemon(_ name: String) -> Bool {
        managers.contains(name) || name.hasPrefix("SUPD_")
    }

    // By their whole names: LISTEN_ADDRESS is what many programs call a setting of their own.
    private static let managers: Set = [
        "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "WATCHDOG_USEC",
        "WATCHDOG_PID", "FDSTORE", "MAINPID", "MANAGERPID", "MANAGERPIDFDID", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM",
        "INVOCATION_ID", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE",
    ]
}
