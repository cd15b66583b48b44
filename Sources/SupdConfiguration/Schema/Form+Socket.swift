import SupdPlugin

extension Form where Value == [Located<ListenSocket>] {
    /// The sockets of a service; each has a name of its own.
    static func sockets(of service: ServiceName) -> Form {
        let list = Form.list(of: .located(.socket(of: service)), atMost: ConfigurationLimits.sockets)
        return .reading(list.expected) { subject in
            guard let sockets = list.read(subject) else { return nil }
            var names: Set<String> = []
            for socket in sockets where !names.insert(socket.value.name).inserted {
                subject.faults.add(
                    "two sockets of '\(service)' are named '\(socket.value.name)': give each a 'name' of its own",
                    at: socket.place)
            }
            return sockets
        }
    }
}

extension Form where Value == ListenSocket {
    /// One socket; without a `name` it has that of its service, as in systemd.socket(5).
    fileprivate static func socket(of service: ServiceName) -> Form {
        .reading("a table of \(SocketKey.allCases.map(\.rawValue).sorted().joined(separator: ", "))") { subject in
            guard let reader = TableReader<SocketKey>(subject, faults: subject.faults) else { return nil }
            if reader.lacks(.listen) { subject.fault("has no 'listen', the address it is bound to") }
            let address = reader.read(.listen, as: .listenAddress)
            let name = reader.read(.name, as: .socketName)
            if !reader.has(.name), !SocketName.isValid(service.rawValue) {
                subject.fault("needs a 'name': '\(service)' cannot be one, as names are told apart by colons")
            }
            var socket = ListenSocket(name: name ?? service.rawValue, address: address ?? .path("/"))
            reader.read(.type, as: .word(), into: &socket.kind)
            reader.read(.mode, as: .octal("mode"), into: &socket.mode)
            if let backlog = reader.read(.backlog, as: .integer(1...65_535)) { socket.backlog = Int32(backlog) }
            reader.read(.reusePort, as: .bool, into: &socket.reusesPort)
            if address != nil { checkAddress(of: socket, reader) }
            if socket.kind == .datagram {
                reader.subject(.backlog)?.fault("is for connections that wait, and a datagram socket has none")
            }
            guard address != nil, name != nil || !reader.has(.name) else { return nil }
            return socket
        }
    }

    private static func checkAddress(of socket: ListenSocket, _ reader: TableReader<SocketKey>) {
        if case .path = socket.address {
        } else {
            reader.subject(.mode)?.fault("is for the file of a path, and \(socket.address) has none")
        }
        if socket.reusesPort {
            if case .internet = socket.address {
            } else {
                reader.subject(.reusePort)?.fault(
                    "is for an address with a port, and \(socket.address) has none: leave it away, and all instances share the socket"
                )
            }
        }
    }
}

/// Names of sockets in LISTEN_FDNAMES.
private enum SocketName {
    /// Whether `name` can stand in a list that colons separate (sd_listen_fds(3)).
    static func isValid(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension Form where Value == String {
    fileprivate static var socketName: Form {
        text("the name of a socket").and { name in
            SocketName.isValid(name)
                ? nil : "must be a word of letters, digits and . _ - of at most 255 characters, found \(quoted(name))"
        }
    }
}

extension Form where Value == ListenAddress {
    fileprivate static var listenAddress: Form {
        let text = Form<String>.text("an address like \"127.0.0.1:8080\", \"[::1]:8080\", \"/path\" or \"@name\"")
        return .reading(text.expected) { subject in
            guard let written = text.read(subject) else { return nil }
            do {
                return try SocketAddressText.parse(written)
            } catch {
                subject.refuse(text.expected, because: "\(error)")
                return nil
            }
        }
    }
}
