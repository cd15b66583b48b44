import SupdConfiguration
import SupdDaemon
import SupdHost
public import SupdPlugin

/// The real supervisor in virtual time: plugins, the text of a configuration, and a host without a machine.
///
/// Policies and backoffs are asked as they are in a daemon. Hooks, jobs, sinks and methods are not run: what becomes of
/// them is said by `SimulatedHost.work`.
public final class SimulatedDaemon {
    /// What the daemon runs on: scripts what happens, and shows what the daemon did.
    public let host: SimulatedHost

    private let supervisor: Supervisor
    private let listener: Channel
    private var exitCode: Int32?

    /// A daemon with `plugins` that reads `configuration`, the text of a file, and whose chances follow from `seed`. The
    /// machine that the configuration sees has no other file, and no user but root. Throws an error whose description
    /// is every fault of the text, one a line, as `supd check` tells them.
    public init(_ configuration: String, plugins: [any Plugin], seed: UInt64 = 1) throws {
        let path = "supd.toml"
        let registrar = PluginRegistrar(plugins)
        let loader = ConfigurationLoader(plugins: registrar, sources: MemorySources([path: configuration]))
        let loaded = try loader.load(path: path).get()
        let socket = "/simulated/control.sock"
        host = SimulatedHost(seed: seed)
        listener = try host.claimControlSocket(path: socket).get()
        supervisor = try Supervisor(
            configuration: loaded, plugins: registrar,
            settings: SupervisorSettings(
                configurationPath: path, socketPath: socket, exitWhen: loaded.supervisor.exitWhen, uid: 0),
            host: host)
    }

    /// Runs until the daemon has ended, and answers its exit status. Nothing is waited for: a day passes as fast as its
    /// events are handled. A second call answers the same.
    public func run() -> Int32 {
        if let exitCode { return exitCode }
        let code = supervisor.run(listener: listener)
        exitCode = code
        return code
    }

    /// What the daemon has logged so far, a line each.
    public var log: [String] {
        String(decoding: host.errorOutput, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
