import Backoffs
import RestartPolicies
import SupdConfiguration
import SupdPlugin
import Synchronization

@testable import SupdDaemon

/// A configuration file that a test writes, again and again.
final class ScriptedFiles: Sendable {
    static let path = "/etc/supd/supd.toml"

    private struct State {
        var text: String
        var reads = 0
    }

    private let state: Mutex<State>
    let plugins: PluginRegistrar

    init(_ text: String, plugins: [any Plugin] = []) {
        state = Mutex(State(text: text))
        self.plugins = PluginRegistrar([RestartPolicies(), Backoffs()] + plugins)
    }

    /// What it says from now on.
    func write(_ text: String) { state.withLock { $0.text = text } }

    /// What it says.
    var text: String { state.withLock { $0.text } }

    /// How often it was read, the first time included.
    var reads: Int { state.withLock { $0.reads } }

    func load() -> Result<Configuration, ConfigurationFaults> {
        let text = state.withLock { state in
            state.reads += 1
            return state.text
        }
        return ConfigurationLoader(plugins: plugins, sources: MemorySources([Self.path: text])).load(path: Self.path)
    }

    var files: ConfigurationFiles { ConfigurationFiles { [self] _ in load() } }
}

/// A plugin with an option, and one of everything that a service can name.
struct Versatile: Plugin {
    struct Leave: ShutdownHook {
        func run(_ context: HookContext) async throws {}
    }

    struct Asks: Probe {
        func probe(_ context: ProbeContext) async throws {}
    }

    struct Pool: LogSink {
        func write(_ entries: [LogEntry], _ context: PluginContext) async throws {}
    }

    let name = "versatile"
    let options = [OptionDeclaration("level", .integer(0...9), standard: .integer(1), "How much of it.")]

    func register(in registrar: inout PluginRegistrar) {
        registrar.shutdownHook("leave") { (_) throws(OptionError) in Leave() }
        registrar.probe("asks") { (_) throws(OptionError) in Asks() }
        registrar.logSink("pool") { (_) throws(OptionError) in Pool() }
    }
}
