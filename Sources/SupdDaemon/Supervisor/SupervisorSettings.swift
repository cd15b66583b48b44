package import SupdConfiguration

/// What the program's command line and surroundings say beside the configuration.
package struct SupervisorSettings: Sendable {
    /// The configuration's path, for `status`.
    package var configurationPath: String?
    /// The control socket's path; nil for none.
    package var socketPath: String?
    /// What the daemon says of itself.
    package var logLevel: LogLevel
    /// How it says it.
    package var logFormat: LogFormat
    /// Whether the daemon ends when nothing is left to run.
    package var exitWhen: SupervisorConfiguration.ExitWhen
    /// The daemon's own user, who may do everything, as root may.
    package var uid: UInt32
    /// That user's name, for those who are told to be that one; nil where it has none.
    package var userName: String?
    /// What the configuration is read from; nil where it is none of files.
    package var files: ConfigurationFiles?
    /// Whether there is one command, which gets the signals that come and gives the daemon its exit status (`supd run`).
    package var runsOneCommand = false

    /// Settings of these.
    package init(
        configurationPath: String?, socketPath: String?, logLevel: LogLevel = .info,
        logFormat: LogFormat = .auto, exitWhen: SupervisorConfiguration.ExitWhen = .never, uid: UInt32
    ) {
        self.configurationPath = configurationPath
        self.socketPath = socketPath
        self.logLevel = logLevel
        self.logFormat = logFormat
        self.exitWhen = exitWhen
        self.uid = uid
    }
}
