import SupdPlugin

/// What must hold of all sockets together: no two are bound to one address, unless both say that they share it.
struct SocketCheck {
    /// What the kernel lets one socket have: a port of each protocol, an abstract name of each type, or a path.
    private struct Claim: Hashable {
        let address: ListenAddress
        let kind: ListenSocket.Kind?

        init(_ socket: ListenSocket) {
            switch socket.address {
            case .path(let path): (address, kind) = (.path(FilePath.normalized(path)), nil)
            case .internet, .abstract: (address, kind) = (socket.address, socket.kind)
            }
        }
    }

    /// Tells of each socket whose address another one before it has.
    static func run(services: [ServiceDraft], faults: FaultCollector) {
        var claims: [Claim: (service: ServiceName, socket: ListenSocket, place: Place)] = [:]
        for service in services {
            for (socket, place) in zip(service.configuration.sockets, service.socketPlaces) {
                let claim = Claim(socket)
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
