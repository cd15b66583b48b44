import PluginNetwork
import SupdPlugin

/// `tcp`: makes a connection and closes it; one that is accepted is yes.
struct TCPProbe: Probe {
    static let options = SocketAddress.options

    let address: SocketAddress
    let pause: Pause

    init(_ options: PluginOptions, pause: Pause) throws(OptionError) {
        address = try SocketAddress(options)
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
