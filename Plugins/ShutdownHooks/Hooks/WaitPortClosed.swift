import PluginNetwork
import SupdPlugin

/// `wait-port-closed`: waits until nothing listens on a TCP port.
struct WaitPortClosed: ShutdownHook {
    static let options = [
        OptionDeclaration(
            "host", .text, standard: .text("127.0.0.1"),
            "An IP address or 'localhost'; names are not looked up."),
        OptionDeclaration("port", .integer(1...65_535), standard: nil, "The TCP port."),
        PollInterval.option,
    ]

    let address: SocketAddress
    let interval: PollInterval
    let pause: Pause

    init(_ options: PluginOptions, pause: Pause) throws(OptionError) {
        let host = options.word("host")
        guard let address = SocketAddress(host: host, port: UInt16(clamping: options.integer("port"))) else {
            throw OptionError(
                option: "host", message: "must be an IP address or 'localhost'; found '\(host)'")
        }
        self.address = address
        interval = try PollInterval(options)
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
