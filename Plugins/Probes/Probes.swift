import HTTPCalls
import PluginNetwork
public import SupdPlugin

/// The probes that come with supd: `exec`, `http` and `tcp`, each for `ready` and for `health`. Without the trait HTTP, `http`
/// refuses its options.
public struct Probes: Plugin {
    /// `probes`.
    public let name = "probes"
    /// That of supd.
    public let version = PluginInterface.release
    /// What it does.
    public let summary = "Asks a service whether it works: runs a command, makes a request, connects to a port."

    private let pause: Pause
    private let caller: HTTPCaller?

    /// The plugin.
    public init() { self.init(pause: .monotonic, caller: .client) }

    /// The plugin on a clock and a network of one's own.
    init(pause: Pause, caller: HTTPCaller?) {
        self.pause = pause
        self.caller = caller
    }

    /// Registers the probes.
    public func register(in registrar: inout PluginRegistrar) {
        let (pause, caller) = (pause, caller)
        registrar.probe("exec", options: ExecProbe.options) { (options) throws(OptionError) in ExecProbe(options) }
        registrar.probe("http", options: HTTPProbe.options) { (options) throws(OptionError) in
            try HTTPProbe(options, caller: caller)
        }
        registrar.probe("tcp", options: TCPProbe.options) { (options) throws(OptionError) in
            try TCPProbe(options, pause: pause)
        }
    }
}
