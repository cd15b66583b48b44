import Backoffs
import EngineChecks
import RestartPolicies
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting

@testable import SupdDaemon

/// The real supervisor over a simulated host.
struct Simulation {
    let host: SimulatedHost
    let supervisor: Supervisor
    /// What the configuration is read from, where it is read.
    var files: ScriptedFiles?

    init(
        _ services: [ServiceConfiguration], seed: UInt64, drain: DrainBudget = .init(),
        exitWhen: SupervisorConfiguration.ExitWhen = .never, socketPath: String? = "/simulated/control.sock",
        plugins: [any Plugin] = [], _ change: (inout Configuration) -> Void = { _ in }
    ) throws {
        host = SimulatedHost(seed: seed)
        var configuration = Configuration(services: services)
        configuration.supervisor.drain = drain
        change(&configuration)
        let settings = SupervisorSettings(
            configurationPath: nil, socketPath: socketPath, logLevel: .debug, exitWhen: exitWhen, uid: 0)
        supervisor = try Supervisor(
            configuration: configuration, plugins: PluginRegistrar(plugins), settings: settings, host: host)
    }

    /// One whose configuration is read from `files`, at the start and whenever it is to be.
    init(_ files: ScriptedFiles, seed: UInt64) throws {
        host = SimulatedHost(seed: seed)
        let configuration = try files.load().get()
        var settings = SupervisorSettings(
            configurationPath: ScriptedFiles.path, socketPath: "/simulated/control.sock", logLevel: .debug,
            exitWhen: configuration.supervisor.exitWhen, uid: 0)
        settings.files = files.files
        supervisor = try Supervisor(
            configuration: configuration, plugins: files.plugins, settings: settings, host: host)
        self.files = files
    }

    /// Runs to the end and answers the exit code.
    func run() throws -> Int32 {
        let listener = try host.claimControlSocket(path: "/simulated/control.sock").get()
        return supervisor.run(listener: listener)
    }

    /// Has `client` order something of `service` at a time after the start, and wait for its end. The time in milliseconds is the
    /// request's id.
    func order(_ method: String, of service: String, at milliseconds: Int, as client: SimulatedClient) {
        host.after(.milliseconds(Int64(milliseconds))) {
            $0.send(
                #"{"id":\#(milliseconds),"method":"service.\#(method)","params":{"services":["\#(service)"],"wait":true}}"#
                    + "\n", as: client)
        }
    }

    /// Runs to the end, with a SIGTERM after `time`. Answers the exit code, and what `client` had got until then.
    func run(until time: Duration, listeningAs client: SimulatedClient) throws -> (code: Int32, replies: String) {
        var replies = ""
        host.after(time) { host in
            replies = host.receive(as: client)
            host.send(.term)
        }
        return (try run(), replies)
    }

    /// Runs to the end, with a SIGTERM after `time`. Answers why the first instance was as it was then.
    func reason(after time: Duration) throws -> String {
        var reason = ""
        host.after(time) { host in
            reason = supervisor.reason(of: 0)
            host.send(.term)
        }
        _ = try run()
        return reason
    }

    /// What the daemon logged.
    var log: String { String(decoding: host.errorOutput, as: UTF8.self) }

    /// The place of the first log line with `text` somewhere in it.
    func place(containing text: String) -> Int? {
        log.split(separator: "\n").firstIndex { $0.contains(text) }
    }

    /// When a log line with `text` was written, by its place.
    func place(of text: String) -> Int? {
        log.split(separator: "\n").firstIndex { $0.hasSuffix(text) || $0.contains(text + " ") }
    }
}

/// A service as a file would make it, with the policies that come with supd.
func makeService(
    _ name: String, requires: [String] = [], after: [String] = [], restart: String = "on-failure",
    _ change: (inout ServiceConfiguration) -> Void = { _ in }
) throws -> ServiceConfiguration {
    let plugins = PluginRegistrar([RestartPolicies(), Backoffs()])
    struct Missing: Error {}
    guard let name = ServiceName(name), let policy = plugins.restartPolicies[restart],
        let backoff = plugins.backoffs["exponential"]
    else { throw Missing() }
    func options(_ declarations: [OptionDeclaration]) -> PluginOptions {
        var values: [String: OptionValue] = [:]
        for declaration in declarations { values[declaration.name] = declaration.standard }
        return PluginOptions(values)
    }
    var service = ServiceConfiguration(
        name: name, execStart: ["/bin/\(name.rawValue)"], restart: try policy.make(options(policy.options)),
        restartName: restart, backoff: try backoff.make(options(backoff.options)), backoffName: "exponential")
    service.requires = requires.compactMap { ServiceName($0) }
    service.after = after.compactMap { ServiceName($0) }
    change(&service)
    return service
}
