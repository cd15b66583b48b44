import Glibc
import SupdConfiguration
import SupdHost
public import SupdPlugin
import SupdProtocol
import SupdSystemd

/// The program: a daemon of its own calls this with its list of plugins, as `supd` does.
public enum SupdMain {
    /// Does what `arguments` (without the program's name) ask for and answers the exit status of the process.
    /// Faults are told on standard error.
    public static func run(
        plugins: [any Plugin], arguments: [String] = Array(CommandLine.arguments.dropFirst())
    ) -> Int32 {
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
        if case .run(let command) = options.command { return run(command, plugins: registrar, options: options) }
        if options.command == .plugins { return answer(PluginList(registrar).text) }
        guard let path = options.config ?? standardConfiguration() else {
            complain("there is no configuration: give --config FILE (neither XDG_CONFIG_HOME nor HOME is set)")
            return ExitCode.configurationRefused
        }
        let loader = ConfigurationLoader(
            plugins: registrar, sources: SystemSources(looksForFolders: options.command == .check))
        switch PassingThread.run({ loader.load(path: path) }) {
        case .failure(let faults):
            _ = put("\(faults)\n", to: STDERR_FILENO)
            return ExitCode.configurationRefused
        case .success(let configuration) where options.command == .check:
            let warnings = configuration.warnings
            if !warnings.isEmpty { _ = put(warnings.map { "\($0)\n" }.joined(), to: STDERR_FILENO) }
            let count = plural(configuration.services.count, "service")
            let also = warnings.isEmpty ? "" : ", " + plural(warnings.count, "warning")
            return answer("\(path): \(count), no faults\(also)\n")
        case .success(let configuration):
            return serve(
                configuration.compacted(), plugins: registrar, path: path, options: options,
                files: ConfigurationFiles(load: { loader.load(path: path) }, changes: loader.changes(since:)))
        }
    }

    private static func run(_ command: RunOptions, plugins: PluginRegistrar, options: CommandLineOptions) -> Int32 {
        do throws(CommandLineOptions.Fault) {
            let configuration = try Configuration(
                running: command, plugins: plugins, surroundings: Surroundings.ofProcess())
            return serve(configuration, plugins: plugins, path: nil, options: options)
        } catch {
            complain("\(error.message); 'supd --help' lists what there is")
            return ExitCode.usage
        }
    }

    private static func serve(
        _ configuration: Configuration, plugins: PluginRegistrar, path: String?, options: CommandLineOptions,
        files: ConfigurationFiles? = nil
    ) -> Int32 {
        let uid = getuid()
        let choice = options.socket ?? configuration.supervisor.socket
        guard choice != SocketChoice.none else {
            return supervise(configuration, plugins, path, options, socket: nil, uid: uid, files: files)
        }
        guard
            let socket = SocketLocation.forDaemon(
                option: options.socket, configured: configuration.supervisor.socket, uid: uid,
                runtimeDirectory: environment("XDG_RUNTIME_DIR"))
        else {
            complain(
                "there is no place for the control socket: give --socket PATH (XDG_RUNTIME_DIR is not set), or --socket none"
            )
            return ExitCode.configurationRefused
        }
        return supervise(configuration, plugins, path, options, socket: socket.path, uid: uid, files: files)
    }

    private static func supervise(
        _ configuration: Configuration, _ plugins: PluginRegistrar, _ path: String?, _ options: CommandLineOptions,
        socket: String?, uid: UInt32, files: ConfigurationFiles?
    ) -> Int32 {
        do {
            let systemd = SystemdLink()
            var hostOptions = LinuxHost.Options()
            hostOptions.controlGroups = configuration.supervisor.controlGroups
            var settings = SupervisorSettings(
                configurationPath: path, socketPath: socket, logLevel: options.logLevel, logFormat: options.logFormat,
                exitWhen: configuration.supervisor.exitWhen, uid: uid)
            settings.files = files
            // Root needs no name, and what holds accounts may take its time.
            if uid != 0, socket != nil { settings.userName = try? SystemSources().user(id: uid).get()?.name }
            if case .run = options.command {
                settings.runsOneCommand = true
                hostOptions.takesAllSignals = true
            }
            let host = try LinuxHost(serviceManager: systemd, options: hostOptions)
            var listener: Channel?
            if let socket {
                switch host.claimControlSocket(path: socket) {
                case .failure(let failure):
                    complain(sentence(failure, socket))
                    return exitCode(failure)
                case .success(let channel): listener = channel
                }
            }
            let supervisor = try Supervisor(
                configuration: configuration, plugins: plugins, settings: settings, host: host)
            if let problem = systemd.problem { supervisor.log.warning(problem) }
            do throws(LinuxHostFailure) {
                try host.keepDeadlines(
                    of: EndEnforcement.stopOrders(settings, configuration.supervisor.drain),
                    reportIn: socket.map(ControlSocketPath.folder(of:)))
            } catch {
                supervisor.log.warning("the end of a shutdown is kept by supd's loop alone: \(error)")
            }
            return supervisor.run(listener: listener)
        } catch {
            complain("\(error)")
            return ExitCode.internalError
        }
    }

    private static func sentence(_ failure: SocketClaimFailure, _ path: String) -> String {
        let sentence = failure.sentence(path)
        if case .refused = failure { return sentence + " ('--socket none' does without one)" }
        return sentence
    }

    private static func exitCode(_ failure: SocketClaimFailure) -> Int32 {
        switch failure {
        case .inUse: ExitCode.alreadyServed
        case .refused: ExitCode.configurationRefused
        case .failed: ExitCode.internalError
        }
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
