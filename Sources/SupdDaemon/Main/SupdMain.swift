import Glibc
import SupdArguments
import SupdConfiguration
import SupdHost
public import SupdPlugin
import SupdProtocol
import SupdSystemd

/// The program: a daemon of its own calls this with its list of plugins, as `supd` does.
public enum SupdMain {
    /// Does what `arguments` (without the program's name; nil for those of the process) ask for and answers the exit status of the
    /// process. Faults are told on standard error.
    public static func run(plugins: [any Plugin], arguments given: [String]? = nil) -> Int32 {
        let arguments = given ?? ProgramArguments.words
        if arguments.first == DaemonCompletion.option {
            let policies = PluginRegistrar(plugins).restartPolicies.names
            return answer(DaemonCompletion(policies: policies).text(Array(arguments.dropFirst())))
        }
        let options: CommandLineOptions
        do throws(CommandLineOptions.Fault) {
            options = try CommandLineOptions(arguments)
        } catch {
            complain("\(error.message); 'supd --help' lists what there is")
            return ExitCode.usage
        }
        switch options.command {
        case .help:
            return answer(CommandLineOptions.usage)
        case .version:
            return answer("supd \(VersionInfo.current) (protocol \(ProtocolLimits.version))\n")
        case .check, .plugins, .serve, .run: break
        }
        let registrar = PluginRegistrar(plugins)
        if options.command == .plugins { return answer(PluginList(registrar).text) }
        if options.command == .check { return check(options, plugins: registrar) }
        let systemd = SystemdLink()
        let failure: StartFailure
        switch LoopThread.run({ start(options, plugins: registrar, systemd: systemd) }) {
        case .success(let code): return code
        case .failure(let error): failure = error
        }
        _ = put("\(failure.text)\n", to: STDERR_FILENO)
        systemd.notify(failure.notification)
        return failure.exitCode
    }

    private static func check(_ options: CommandLineOptions, plugins: PluginRegistrar) -> Int32 {
        do throws(StartFailure) {
            let path = try configurationPath(options)
            let socket = SocketLocation.forDaemon(
                option: nil, configured: nil, uid: getuid(), runtimeDirectory: environment("XDG_RUNTIME_DIR"))
            let loader = ConfigurationLoader(
                plugins: plugins, sources: SystemSources(looksAround: true, standardSocket: socket?.path),
                fileOption: configurationOption)
            let configuration = try found(PassingThread.run { loader.load(path: path) })
            let warnings = configuration.warnings
            if !warnings.isEmpty { _ = put(warnings.map { "\($0)\n" }.joined(), to: STDERR_FILENO) }
            let count = plural(configuration.services.count, "service")
            let also = warnings.isEmpty ? "" : ", " + plural(warnings.count, "warning")
            return answer("\(path): \(count), no faults\(also)\n")
        } catch {
            _ = put("\(error.text)\n", to: STDERR_FILENO)
            return error.exitCode
        }
    }

    private static func start(
        _ options: CommandLineOptions, plugins: PluginRegistrar, systemd: SystemdLink
    ) -> Result<Int32, StartFailure> {
        do throws(StartFailure) {
            return .success(try runDaemon(options, plugins: plugins, systemd: systemd))
        } catch {
            return .failure(error)
        }
    }

    /// Runs the daemon to its end.
    private static func runDaemon(
        _ options: CommandLineOptions, plugins: PluginRegistrar, systemd: SystemdLink
    ) throws(StartFailure) -> Int32 {
        if case .run(let command) = options.command {
            let configuration: Configuration
            do throws(CommandLineOptions.Fault) {
                configuration = try Configuration(
                    running: command, plugins: plugins, fileModeMask: LinuxHost.fileModeMask)
            } catch {
                throw StartFailure("supd: \(error.message); 'supd --help' lists what there is", ExitCode.usage)
            }
            return try serve(configuration, plugins: plugins, path: nil, options: options, systemd: systemd)
        }
        let path = try absolute(configurationPath(options))
        let loader = ConfigurationLoader(
            plugins: plugins, sources: SystemSources(), fileOption: configurationOption)
        @Sendable func asideLoader(_ calls: FileCalls) -> ConfigurationLoader {
            ConfigurationLoader(plugins: plugins, sources: FileSources(calls))
        }
        return try serve(
            try found(PassingThread.run({ loader.load(path: path) }, copying: { $0.map { $0.compacted() } })),
            plugins: plugins, path: path, options: options, systemd: systemd,
            files: ConfigurationFiles(
                load: { asideLoader($0).load(path: path).map { $0.compacted() } },
                changes: loader.changes(since:),
                definitions: { asideLoader($1).definitions(of: $0, path: path) }))
    }

    private static let configurationOption = "--config"

    private static func configurationPath(_ options: CommandLineOptions) throws(StartFailure) -> String {
        if let path = options.config ?? standardConfiguration() { return path }
        throw StartFailure(
            "supd: there is no configuration: give --config FILE (neither XDG_CONFIG_HOME nor HOME is set)",
            ExitCode.configurationRefused)
    }

    private static func found(
        _ result: Result<Configuration, ConfigurationFaults>
    ) throws(StartFailure) -> Configuration {
        switch result {
        case .success(let configuration): return configuration
        case .failure(let faults): throw StartFailure("\(faults)", ExitCode.configurationRefused, faults.error)
        }
    }

    /// Consumes the configuration: who is here until the daemon ends would keep all of it beside what the supervisor keeps.
    private static func serve(
        _ configuration: consuming Configuration, plugins: PluginRegistrar, path: String?, options: CommandLineOptions,
        systemd: SystemdLink, files: ConfigurationFiles? = nil
    ) throws(StartFailure) -> Int32 {
        do {
            let uid = getuid()
            let declared = configuration.supervisor
            let socket = try socketPath(options, declared, systemd, uid: uid)
            var hostOptions = LinuxHost.Options()
            hostOptions.controlGroups = declared.controlGroups
            var settings = SupervisorSettings(
                configurationPath: path, socketPath: socket, logLevel: options.logLevel, logFormat: options.logFormat,
                exitWhen: declared.exitWhen, uid: uid)
            settings.files = files
            // Root needs no name, and what holds accounts may take its time.
            if uid != 0, socket != nil { settings.userName = try? SystemSources().user(id: uid).get()?.name }
            if case .run = options.command {
                settings.runsOneCommand = true
                hostOptions.takesAllSignals = true
                hostOptions.sharesJob = LinuxHost.jobIsShared
            }
            let host = try LinuxHost(serviceManager: systemd, options: hostOptions)
            var listener: Channel?
            if let socket {
                switch host.claimControlSocket(path: socket) {
                case .failure(let failure): throw StartFailure(failure, socket)
                case .success(let channel): listener = channel
                }
            }
            let supervisor = try Supervisor(
                configuration: configuration, plugins: plugins, settings: settings, host: host)
            for problem in systemd.problems { supervisor.log.warning(problem) }
            do throws(LinuxHostFailure) {
                try host.keepDeadlines(
                    of: EndEnforcement.stopOrders(settings, declared.drain),
                    reportIn: socket.map(ControlSocketPath.folder(of:)))
            } catch {
                supervisor.log.warning("the end of a shutdown is kept by supd's loop alone: \(error)")
            }
            defer { supervisor.leaveMemory() }
            return supervisor.run(listener: listener)
        } catch let failure as StartFailure {
            throw failure
        } catch {
            throw StartFailure("supd: \(error)", ExitCode.internalError, (error as? LinuxHostFailure)?.error)
        }
    }

    /// Where the control socket is; nil for none. One that systemd has made wins over all.
    private static func socketPath(
        _ options: CommandLineOptions, _ declared: SupervisorConfiguration, _ systemd: SystemdLink, uid: UInt32
    ) throws(StartFailure) -> String? {
        let isHandedOver = systemd.isHandedOver(LinuxHost.controlSocketName)
        if let given = systemd.path(ofSocketNamed: LinuxHost.controlSocketName) { return given }
        guard isHandedOver || (options.socket ?? declared.socket) != SocketChoice.none else {
            return nil
        }
        let location = SocketLocation.forDaemon(
            option: options.socket, configured: declared.socket, uid: uid,
            runtimeDirectory: environment("XDG_RUNTIME_DIR"))
        if let location {
            // In a deep folder a relative one may be the only one that a socket can have.
            let path = try absolute(location.path)
            return path.utf8.count <= SocketLocation.longestPath ? path : location.path
        }
        throw StartFailure(
            "supd: there is no place for the control socket: give --socket PATH (XDG_RUNTIME_DIR is not set), "
                + "or --socket none", ExitCode.configurationRefused)
    }

    /// `path` as everybody finds it: who asks the daemon for it is in another working directory. As it is where that cannot be written: the
    /// directory's name is not UTF-8, or together they are too long for open(2).
    private static func absolute(_ path: String) throws(StartFailure) -> String {
        guard path.utf8.first != UInt8(ascii: "/") else { return path }
        guard let folder = getcwd(nil, 0) else {
            let error = ErrorNumber(errno)
            throw StartFailure(
                "supd: '\(path)' is relative to the working directory, which cannot be found out: \(error)",
                ExitCode.configurationRefused, error)
        }
        defer { free(folder) }
        var rest = path[...]
        while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
        guard let base = String(validatingCString: folder) else { return path }
        let whole = (base.hasSuffix("/") ? base : base + "/") + String(rest)
        return whole.utf8.count < Int(PATH_MAX) ? whole : path
    }

    /// Where the configuration is without `--config`. Never the current directory.
    private static func standardConfiguration() -> String? {
        if getuid() == 0 { return "/etc/supd/supd.toml" }
        if let home = environment("XDG_CONFIG_HOME"), home.hasPrefix("/") { return home + "/supd/supd.toml" }
        return environment("HOME").map { $0 + "/.config/supd/supd.toml" }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    private static func complain(_ message: String) { _ = put("supd: \(message)\n", to: STDERR_FILENO) }

    /// Prints what was asked for and answers what to exit with. A reader that has left (`| head`) has what it wanted: as the
    /// tools of coreutils supd dies of SIGPIPE then, and where somebody ignores that signal it is done.
    private static func answer(_ text: String) -> Int32 {
        guard let error = put(text, to: STDOUT_FILENO), error.rawValue != EPIPE else { return ExitCode.done }
        complain("standard output cannot be written: \(error)")
        return ExitCode.internalError
    }

    /// Writes before the loop is there; a reader that is slow may make it wait.
    private static func put(_ text: String, to descriptor: Int32) -> ErrorNumber? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return ErrorNumber(errno) }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}
