import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The sockets that the daemon holds for services: bound before the first start, kept over restarts, so that a service that
/// is killed loses no connection that waits.
final class ServiceSockets {
    private unowned let seam: any LaunchSeam
    private let host: any Host
    private let log: DaemonLog
    private var table = SocketTable()
    /// Services that wait for one whose file system takes its time.
    private var awaited: Set<ServiceID> = []

    /// None yet.
    init(_ seam: any LaunchSeam) {
        self.seam = seam
        host = seam.host
        log = seam.log
    }

    /// Whose those are that are bound. For audits.
    var owners: [(service: ServiceID, instance: InstanceID?)] { table.owners }

    /// Sockets that the service manager has made are for the services that ask for them by their names. Of several of one name, that one is
    /// somebody's whose address he asks for. What nobody asks for is closed: whoever connects there would wait for ever.
    func adopt(_ given: [HandedOverSocket]) {
        guard !given.isEmpty else { return }
        var given = given
        var wanted = seam.fleet.services.flatMap { service in
            seam.definition(of: service).configuration.sockets.map {
                (service: seam.definition(of: service).name, socket: $0)
            }
        }
        for asksForAddress in [true, false] {
            given.removeAll { given in
                let fitting = wanted.indices.filter {
                    let socket = wanted[$0].socket
                    return socket.name == given.name && socket.kind == given.kind
                        && (!asksForAddress || socket.address == given.address)
                }
                guard fitting.count == 1 else { return false }
                let (service, socket) = wanted.remove(at: fitting[0])
                table.keep(given.socket, for: SocketTable.Binding(socket))
                let place = given.address.map { ", at \($0)" } ?? ""
                let instead = socket.address == given.address ? "" : " in place of \(socket.address)"
                log.info("\(service): socket '\(socket.name)' is the service manager's\(place)\(instead)")
                return true
            }
        }
        for given in given {
            let what = [given.kind?.rawValue, given.address?.description].compactMap(\.self).joined(separator: " ")
            let askers = wanted.filter { $0.socket.name == given.name }
            log.warning(
                "the service manager handed over '\(given.name)'\(what.isEmpty ? "" : " (\(what))"), and "
                    + "\(Self.whyNobodys(given.kind, askers)): it is closed", kind: .socketClosed)
            host.unbind(given.socket)
        }
    }

    /// Why a socket that was handed over is for none of those that ask for its name, and have none yet.
    private static func whyNobodys(
        _ kind: ListenSocket.Kind?, _ askers: [(service: ServiceName, socket: ListenSocket)]
    ) -> String {
        guard let first = askers.first else { return "no service asks for that in its 'sockets'" }
        let fitting = askers.filter { $0.socket.kind == kind }
        guard !fitting.isEmpty else { return "\(first.service) asks for one of the type \(first.socket.kind.rawValue)" }
        let names = fitting.map(\.service.rawValue).joined(separator: ", ")
        return "which of \(names) is to have it is not known, as none asks for its address: give each a name of its own"
    }

    /// What an earlier daemon has bound, and the service manager has kept, is for who would bind it just so now. The rest is closed.
    func takeBack(_ given: [HandedOverSocket]) {
        guard !given.isEmpty else { return }
        var waiting = Dictionary(grouping: given) { $0.address }
        for service in seam.fleet.services where seam.definition(of: service).conduct.enabled {
            for socket in seam.definition(of: service).configuration.sockets where Self.isKeptAbove(socket) {
                let owners = socket.reusesPort ? seam.fleet.instances(of: service).map(Optional.some) : [nil]
                for owner in owners {
                    guard let index = waiting[socket.address]?.firstIndex(where: { host.takeBack($0, as: socket) }),
                        let taken = waiting[socket.address]?.remove(at: index)
                    else { continue }
                    table.add(taken.socket, SocketTable.Binding(socket), of: service, instance: owner)
                    let name = owner.map { seam.name(of: $0).description } ?? seam.definition(of: service).name.rawValue
                    log.info(
                        "\(name): socket '\(socket.name)' at \(socket.address) is the one of the supd before, which the service "
                            + "manager has kept")
                }
            }
        }
        for given in waiting.values.joined() {
            let what = given.address.map { " at \($0)" } ?? ""
            log.info(
                "the service manager has kept a socket of the supd before\(what) that no service asks for: it is closed"
            )
            letGo([given.socket])
        }
    }

    /// Those where whoever binds anew once the service manager is told to close its own does not find the address in use (`endListening`).
    private static func isKeptAbove(_ socket: ListenSocket) -> Bool {
        guard case .internet = socket.address else { return false }
        return socket.kind == .stream
    }

    private func bound(_ bound: BoundSocket, _ socket: ListenSocket, of service: ServiceID, instance: InstanceID?) {
        table.add(bound, SocketTable.Binding(socket), of: service, instance: instance)
        guard Self.isKeptAbove(socket) else { return }
        let owner = instance.map { seam.name(of: $0).description } ?? seam.definition(of: service).name.rawValue
        seam.managerStore.keep(bound, .socket(name: socket.name), of: owner)
    }

    /// Closes sockets that no service has any more, but for those of the service manager's. On the way to the end the next daemon gets
    /// what the manager has kept: who connects meanwhile is served by that, or refused where there is none.
    private func letGo(_ gone: [BoundSocket]) {
        for socket in gone where !table.putBack(socket) {
            if seam.drain.exits {
                seam.managerStore.leave(socket)
            } else if seam.managerStore.letGo(socket) {
                host.endListening(socket)
            }
            host.unbind(socket)
        }
    }

    /// Binds the sockets of everything that is enabled: whoever connects from now on waits. What cannot be bound is told of by
    /// the start that needs it, which tries again.
    func bindEnabled() {
        for service in seam.fleet.services { bind(of: service) }
    }

    /// The same of one service.
    func bind(of service: ServiceID) {
        let configuration = seam.definition(of: service).configuration
        guard configuration.conduct.enabled, !configuration.sockets.isEmpty else { return }
        for instance in seam.fleet.instances(of: service) {
            do throws(SpawnFailure) {
                _ = try passed(to: instance, isAhead: true)
            } catch {
                if error.error == .socketIsUnderWay { awaited.insert(service) }
            }
        }
    }

    /// Takes those that took their time (`.socketsCame`).
    func bindAwaited() {
        let services = awaited
        awaited = []
        for service in services where seam.fleet.contains(service) { bind(of: service) }
    }

    /// A socket that a service does not want any more, or will not for it goes, is another one's that is to be bound just so: who waits
    /// there is served, and the new one does not find its address in use.
    func passOn(from departing: [ServiceID], and changed: [ServiceID]) {
        var unwanted = [SocketTable.Binding: ServiceID]()
        for giver in departing {
            for binding in table.shared(of: giver, except: []) { unwanted[binding] = giver }
        }
        for giver in changed {
            let wanted = seam.definition(of: giver).configuration.sockets
            for binding in table.shared(of: giver, except: wanted) { unwanted[binding] = giver }
        }
        guard !unwanted.isEmpty else { return }
        for taker in changed where seam.definition(of: taker).conduct.enabled {
            for socket in seam.definition(of: taker).configuration.sockets {
                let binding = SocketTable.Binding(socket)
                guard let giver = unwanted.removeValue(forKey: binding), giver != taker else { continue }
                table.move(binding, from: giver, to: taker)
            }
        }
    }

    /// The sockets that an instance gets, bound where they are not yet. What its service had by an older definition is closed, once nothing
    /// runs by that any more.
    func passed(to instance: InstanceID, isAhead: Bool = false) throws(SpawnFailure) -> [PassedSocket] {
        let service = seam.fleet.service(of: instance)
        let wanted = seam.definition(of: service).configuration.sockets
        closeUnwanted(of: service)
        var passed: [PassedSocket] = []
        for socket in wanted {
            let binding = SocketTable.Binding(socket)
            let owner = socket.reusesPort ? instance : nil
            if let bound = table[service, binding, owner],
                try isAhead ? true : isReachable(bound, socket, of: service)
            {
                passed.append(PassedSocket(name: socket.name, socket: bound))
                continue
            }
            if let bound = table.takeKept(binding) {
                table.add(bound, binding, of: service, instance: owner)
                passed.append(PassedSocket(name: socket.name, socket: bound))
                continue
            }
            switch host.bind(socket, patiently: isAhead) {
            case .success(let bound):
                self.bound(bound, socket, of: service, instance: owner)
                passed.append(PassedSocket(name: socket.name, socket: bound))
                log.debug(
                    "\(seam.definition(of: service).name): socket '\(socket.name)' is bound to \(socket.address)")
            case .failure(let error):
                // One that has no name of its own has its service's, which is said before.
                let name = socket.name == seam.definition(of: service).name.rawValue ? "" : "'\(socket.name)', "
                throw SpawnFailure(
                    stage: .socket, error: error, subject: "\(name)\(socket.address)",
                    hint: Self.hint(error, socket.address))
            }
        }
        return passed
    }

    /// Whether clients find a socket that is bound. Where somebody has removed its file, a start makes it anew: what runs has the one that
    /// nobody comes to any more, and so it is let go.
    private func isReachable(
        _ bound: BoundSocket, _ socket: ListenSocket, of service: ServiceID
    ) throws(SpawnFailure) -> Bool {
        guard let isInPlace = host.isInPlace(bound) else {
            throw SpawnFailure(stage: .socket, error: .socketIsUnderWay, subject: "\(socket.address)")
        }
        guard !isInPlace else { return true }
        log.warning(
            "\(seam.definition(of: service).name): the file of the socket '\(socket.name)' was removed or replaced by somebody: it is to be bound anew "
                + "to \(socket.address)")
        table.remove(bound, of: service)
        host.unbind(bound)
        return false
    }

    private static func hint(_ error: ErrorNumber, _ address: ListenAddress) -> String {
        switch (address, error.name) {
        // Of a port EACCES has one reason only (ip(7)).
        case (.internet, "EACCES"): "so low a port takes CAP_NET_BIND_SERVICE, which this supd has not"
        case (.path, "ENOTSOCK"):
            "something that is no socket is there, which is not removed to make place: move it away"
        default: ""
        }
    }

    /// Closes what neither a service wants nor one of its instances that runs by an older definition.
    private func closeUnwanted(of service: ServiceID) {
        let unwanted = table.removeAll(of: service, except: seam.definition(of: service).configuration.sockets) {
            seam.fleet.everyInstance(of: service).filter(seam.processes.isRunning)
                .map { ($0, seam.definition(of: $0).configuration.sockets) }
        }
        letGo(unwanted)
    }

    /// Closes the sockets of an instance's own once it is not wanted up any more, or cannot be; and those that a service's instances
    /// share once that holds for all of them: who connects is refused instead of left to wait.
    func closeUnused(of instance: InstanceID) {
        let service = seam.fleet.service(of: instance)
        guard !table.isEmpty(of: service), seam.fleet[instance].isAtRest else { return }
        // The kernel shares connections out to all that listen at a port, also where nobody is left to accept.
        letGo(table.removeAll(of: service, instance: instance))
        closeUnwanted(of: service)
        guard seam.fleet.instances(of: service).allSatisfy({ seam.fleet[$0].isAtRest }) else { return }
        closeAll(of: service)
    }

    /// Closes all of a service.
    func closeAll(of service: ServiceID) { letGo(table.removeAll(of: service)) }
}

extension ServiceMachine {
    /// Whether it stays as it is until it is ordered to start.
    var isAtRest: Bool {
        switch phase {
        case .stopped, .exited, .fatal: true
        case .waiting, .starting, .running, .backoff, .stopping: false
        }
    }
}
