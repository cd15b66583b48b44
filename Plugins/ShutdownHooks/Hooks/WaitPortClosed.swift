import PluginNetwork
import SupdPlugin

/// `wait-port-closed`: waits until nothing listens on a TCP port.
struct WaitPortClosed: ShutdownHook {
    static let options = SocketAddress.options + [PollInterval.option]

    let address: SocketAddress
    let interval: PollInterval
    let pause: Pause

    init(_ options: PluginOptions, pause: Pause) throws(OptionError) {
        (address, interval) = try OptionError.together(
            { () throws(OptionError) in try SocketAddress(options) },
            { () throws(OptionError) in try PollInterval(options) })
        self.pause = pause
    }

    func run(_ context: HookContext) async throws {
        var isFirst = true
        while true {
            guard try await ConnectionAttempt(to: address).outcome(pause: pause) != .refused else { return }
            if isFirst { context.logger.debug("\(address) still listens") }
            isFirst = false
            try await pause.wait(interval.duration)
        }
    }
}
