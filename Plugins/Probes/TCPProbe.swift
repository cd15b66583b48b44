import PluginNetwork
import SupdPlugin

/// `tcp`: makes a connection and closes it; one that is accepted is yes.
struct TCPProbe: Probe {
    static let options = [
        OptionDeclaration(
            "host", .text, standard: .text("127.0.0.1"), "An IP address or 'localhost'; names are not looked up."),
        OptionDeclaration("port", .integer(1...65_535), standard: nil, "The TCP port."),
    ]

    let address: SocketAddress
    let pause: Pause

    init(_ options: PluginOptions, pause: Pause) throws(OptionError) {
        let host = options.word("host")
        guard let address = SocketAddress(host: host, port: UInt16(clamping: options.integer("port"))) else {
            throw OptionError(option: "host", message: "must be an IP address or 'localhost'; found '\(host)'")
        }
        self.address = address
        self.pause = pause
    }

    func probe(_ context: ProbeContext) async throws {
        switch try await ConnectionAttempt(to: address).outcome(pause: pause) {
        case .accepted: return
        case .refused: throw ProbeFailure("\(address) refuses connections")
        case .silent: throw ProbeFailure("\(address) does not answer")
        }
    }
}
