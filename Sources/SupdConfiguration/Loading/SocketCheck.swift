import SupdPlugin

/// What must hold of all sockets together: no two are bound to one address, unless both say that they share it.
struct SocketCheck {
    /// What the kernel lets one socket have: a port of each protocol, an abstract name of each type, or a path.
    private struct Claim: Hashable {
        let address: ListenAddress
        let kind: ListenSocket.Kind?

        init(_ address: ListenAddress, _ kind: ListenSocket.Kind) {
            switch address {
            case .path(let path): (self.address, self.kind) = (.path(FilePath.normalized(path)), nil)
            case .internet, .abstract: (self.address, self.kind) = (address, kind)
            }
        }
    }

    /// Tells of each socket whose address another one before it has, or supd's own.
    static func run(services: [ServiceDraft], controlSocket: String?, faults: FaultCollector) {
        let control = controlSocket.map { Claim(.path($0), .stream) }
        var claims = [Claim: (service: ServiceName, socket: ListenSocket, place: Place)]()
        for service in services {
            for (socket, place) in zip(service.configuration.sockets, service.socketPlaces) {
                let claim = Claim(socket.address, socket.kind)
                guard claim != control else {
                    faults.add(
                        "the socket '\(socket.name)' of '\(service.name)' listens on \(socket.address), as supd itself does (socket of "
                            + "[supervisor]): give it another path", at: place)
                    continue
                }
                guard let other = claims[claim] else {
                    claims[claim] = (service.name, socket, place)
                    continue
                }
                guard !(socket.reusesPort && other.socket.reusesPort) else { continue }
                var message =
                    "the socket '\(socket.name)' of '\(service.name)' listens on \(socket.address), as does '\(other.socket.name)' "
                    + "of '\(other.service)' (\(faults.description(of: other.place))): give one of them another address"
                if case .internet = socket.address { message += ", or both of them reuse_port = true" }
                faults.add(message, at: place)
            }
        }
    }
}
