import PluginNetwork
import SupdPlugin

/// `wait-connections`: waits until a local TCP port has no connections any more, or few.
struct WaitConnections: ShutdownHook {
    static let options = [
        OptionDeclaration("port", .integer(1...65_535), standard: nil, "The local TCP port."),
        OptionDeclaration(
            "at_most", .integer(0...1_000_000), standard: .integer(0), "So many connections are few enough."),
        PollInterval.option,
    ]

    let port: Int
    let enough: Int
    let interval: PollInterval
    let pause: Pause
    /// Where the kernel lists connections.
    var folder = "/proc/net"

    init(_ options: PluginOptions, pause: Pause) throws(OptionError) {
        port = options.integer("port")
        enough = options.integer("at_most")
        interval = try PollInterval(options)
        self.pause = pause
    }

    func run(_ context: HookContext) async throws {
        var before: Int?
        while true {
            let count = try ConnectionCounter.connections(of: port, folder: folder)
            guard count > enough else { return }
            if count != before { context.logger.debug("port \(port) has connections: \(count)") }
            before = count
            try await pause.wait(interval.duration)
        }
    }
}
