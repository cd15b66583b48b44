import PluginNetwork
public import SupdPlugin

/// The probes that come with supd: `exec` and `tcp`, each for `ready` and for `health`.
public struct Probes: Plugin {
    /// `probes`.
    public let name = "probes"
    /// What it does.
    public let summary = "Asks a service whether it works: runs a command, connects to a port."

    private let pause: Pause

    /// The plugin.
    public init() { self.init(pause: .monotonic) }

    /// The plugin on a clock of one's own.
    init(pause: Pause) { self.pause = pause }

    /// Registers the probes.
    public func register(in registrar: inout PluginRegistrar) {
        let pause = pause
        registrar.readinessProbe("exec", options: ExecProbe.options) { (options) throws(OptionError) in
            ExecProbe(options)
        }
        registrar.healthProbe("exec", options: ExecProbe.options) { (options) throws(OptionError) in
            ExecProbe(options)
        }
        registrar.readinessProbe("tcp", options: TCPProbe.options) { (options) throws(OptionError) in
            try TCPProbe(options, pause: pause)
        }
        registrar.healthProbe("tcp", options: TCPProbe.options) { (options) throws(OptionError) in
            try TCPProbe(options, pause: pause)
        }
    }
}
