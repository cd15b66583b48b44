import HTTPCalls
import PluginNetwork
public import SupdPlugin

/// The shutdown hooks that come with supd: `command`, `http`, `wait-port-closed`, `wait-connections`, `touch-file`,
/// `remove-file` and `sleep`. Without the trait HTTP, `http` refuses its options.
public struct ShutdownHooks: Plugin {
    /// `shutdown-hooks`.
    public let name = "shutdown-hooks"
    /// That of supd.
    public let version = PluginInterface.release
    /// What it does.
    public let summary = "Things to do on the way down: run a command, call an endpoint, wait, mark with a file."

    private let pause: Pause
    private let caller: HTTPCaller?

    /// The plugin.
    public init() { self.init(pause: .monotonic, caller: .client) }

    /// The plugin on a clock and a network of one's own.
    init(pause: Pause, caller: HTTPCaller?) {
        self.pause = pause
        self.caller = caller
    }

    /// Registers the hooks.
    public func register(in registrar: inout PluginRegistrar) {
        let (pause, caller) = (pause, caller)
        registrar.shutdownHook("command", options: CommandHook.options) { (options) throws(OptionError) in
            CommandHook(options)
        }
        registrar.shutdownHook("http", options: HTTPHook.options) { (options) throws(OptionError) in
            try HTTPHook(options, caller: caller, pause: pause)
        }
        registrar.shutdownHook("wait-port-closed", options: WaitPortClosed.options) { (options) throws(OptionError) in
            try WaitPortClosed(options, pause: pause)
        }
        registrar.shutdownHook("wait-connections", options: WaitConnections.options) { (options) throws(OptionError) in
            try WaitConnections(options, pause: pause)
        }
        registrar.shutdownHook("touch-file", options: TouchFile.options) { (options) throws(OptionError) in
            TouchFile(options)
        }
        registrar.shutdownHook("remove-file", options: RemoveFile.options) { (options) throws(OptionError) in
            RemoveFile(options)
        }
        registrar.shutdownHook("sleep", options: SleepHook.options) { (options) throws(OptionError) in
            SleepHook(options, pause: pause)
        }
    }
}
