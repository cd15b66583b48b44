import CSupd
import Glibc
import SupdPlugin
import Synchronization
import Testing

@testable import SupdHost

/// What a thread that makes files tells, and is told.
private final class FileMaker: Sendable {
    let isDone = Atomic(false)
    let hasEnded = Atomic(false)
    let wrong = Atomic(0)
}

@Suite struct ListenSocketTests {
    private static func unix(_ path: String, kind: ListenSocket.Kind = .stream, mode: UInt16 = 0o666) -> ListenSocket {
        ListenSocket(name: "s", address: .path(path), kind: kind, mode: mode)
    }

    private static func option(_ socket: BoundSocket, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.descriptor, SOL_SOCKET, name, &value, &length)
        return value
    }

    /// What systemd made is what supd would have made by the same words.
    @Test func aSocketThatSomebodyElseHasMadeIsKnownForWhatItIs() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let name = "supd-test-\(getpid())"
                    let sockets = [
                        ListenSocketTests.unix(folder + "/s"), ListenSocketTests.unix(folder + "/d", kind: .datagram),
                        ListenSocket(name: "s", address: .abstract(name)),
                        ListenSocket(name: "s", address: .internet(host: "127.0.0.1", port: 0), kind: .datagram),
                        ListenSocket(name: "s", address: .internet(host: "0.0.0.0", port: 0)),
                    ]
                    for socket in sockets {
                        let bound = try bench.bind(socket).get()
                        let made = try #require(MadeSocket(bound.descriptor))
                        expectEqual(made.kind, socket.kind)
                        switch (made.address, socket.address) {
                        // The kernel has chosen a port.
                        case (.internet(let host, let port), .internet(let asked, _)):
                            expectEqual(host, asked)
                            #expect(port > 0)
                        default: expectEqual(made.address, socket.address)
                        }
                        bench.host.unbind(bound)
                    }
                    let plain = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                    let made = try #require(MadeSocket(plain))
                    #expect(made.kind == nil && made.address == nil, "one that is not listened on")
                    #expect(MadeSocket(0) == nil, "none at all")
                    close(plain)
                }
            }
        }
    }

    /// The mask is the whole process's: a file that another thread makes while a socket is bound has its own mode.
    @Test func aSocketsModeIsNoOtherFilesMode() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                umask(0o027)
                let maker = FileMaker()
                onThread {
                    let path = folder + "/file"
                    while !maker.isDone.load(ordering: .acquiring) {
                        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
                        var status = stat()
                        fstat(file, &status)
                        if status.st_mode & 0o777 != 0o640 { maker.wrong.add(1, ordering: .relaxed) }
                        close(file)
                        unlink(path)
                    }
                    maker.hasEnded.store(true, ordering: .releasing)
                }
                try withHost { bench in
                    for number in 0..<500 {
                        let path = "\(folder)/\(number)"
                        let socket = try bench.bind(ListenSocketTests.unix(path, mode: 0o666)).get()
                        var status = stat()
                        lstat(path, &status)
                        expectEqual(status.st_mode & 0o777, 0o666)
                        bench.host.unbind(socket)
                    }
                    // Nor does whoever is asked to wait for children hear of it.
                    #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD)
                }
                maker.isDone.store(true, ordering: .releasing)
                while !maker.hasEnded.load(ordering: .acquiring) { sched_yield() }
                expectEqual(maker.wrong.load(ordering: .relaxed), 0)
                expectEqual(LinuxHost.fileModeMask, 0o027)
            }
        }
    }

    @Test func aSocketFileHasItsModeAndGoesWithItsSocket() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                umask(0o027)
                try withHost { bench in
                    for mode in [UInt16(0o666), 0o600, 0o770] {
                        let path = "\(folder)/\(mode)"
                        let socket = try bench.bind(ListenSocketTests.unix(path, mode: mode)).get()
                        var status = stat()
                        expectEqual(lstat(path, &status), 0)
                        expectEqual(status.st_mode & 0o7777, UInt32(mode))
                        expectEqual(fcntl(socket.descriptor, F_GETFD), FD_CLOEXEC)
                        expectEqual(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK, 0)
                        let client = supd_connect_unix(path)
                        #expect(client >= 0)
                        close(client)
                        bench.host.unbind(socket)
                        try bench.turns(until: "\(path) is removed") { lstat(path, &status) == -1 }
                    }
                    expectEqual(umask(0o022), 0o027)
                }
            }
        }
    }

    /// A look that took its time was taken for one that has seen the file, and the service ran beside a socket that nobody finds.
    @Test func aStartWaitsForALookThatTakesItsTime() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let path = folder + "/socket"
                    let socket = try bench.bind(ListenSocketTests.unix(path, mode: 0o600)).get()
                    for isThere in [true, false] {
                        if !isThere { unlink(path) }
                        var answers: [Bool?] = []
                        let order = SpawnOrder(files: []) { _ throws(SpawnFailure) in
                            if answers.isEmpty { bench.host.spawns.patience = .zero }
                            answers.append(bench.host.isInPlace(socket))
                            guard answers.last != .some(nil) else {
                                throw SpawnFailure(stage: .socket, error: .socketIsUnderWay, subject: path)
                            }
                            return HostBench.request("exit")
                        }
                        let process = try bench.spawn(order).get()
                        _ = try bench.end(of: process)
                        expectEqual(answers.last, isThere)
                    }
                }
            }
        }
    }

    @Test func aStaleFileIsReplacedAndOneThatIsServedIsNot() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    for kind in ListenSocket.Kind.allCases {
                        let path = "\(folder)/\(kind)"
                        let request = ListenSocketTests.unix(path, kind: kind)
                        let first = try bench.bind(request).get()
                        expectEqual(try bench.bind(request), .failure(ErrorNumber(EADDRINUSE)))
                        // Closed without a word, as by a daemon that was killed.
                        close(first.descriptor)
                        let second = try bench.bind(request).get()
                        expectEqual(try bench.bind(request), .failure(ErrorNumber(EADDRINUSE)))
                        // Somebody else's by now: it stays.
                        unlink(path)
                        try writeFile(path, "mine")
                        bench.host.unbind(second)
                        expectEqual(readWholeFile(path), "mine")
                        expectEqual(try bench.bind(request), .failure(ErrorNumber(ENOTSOCK)))
                    }
                    expectEqual(
                        try bench.bind(ListenSocketTests.unix(folder + "/none/s")),
                        .failure(ErrorNumber(ENOENT)))
                    let long = folder + "/" + String(repeating: "x", count: 120)
                    expectEqual(
                        try bench.bind(ListenSocketTests.unix(long)),
                        .failure(ErrorNumber(ENAMETOOLONG)))
                }
            }
        }
    }

    @Test func internetSocketsAreBoundAndListenedOn() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                var addresses = ["127.0.0.1"]
                if readWholeFile("/proc/net/if_inet6")?.isEmpty == false { addresses.append("::1") }
                for host in addresses {
                    let request = ListenSocket(name: "s", address: .internet(host: host, port: 0))
                    let socket = try bench.bind(request).get()
                    expectEqual(ListenSocketTests.option(socket, SO_ACCEPTCONN), 1)
                    expectEqual(ListenSocketTests.option(socket, SO_REUSEADDR), 1)
                    expectEqual(ListenSocketTests.option(socket, SO_REUSEPORT), 0)
                    let port = ListenSocketTests.port(of: socket)
                    #expect(port != 0)
                    var fixed = ListenSocket(name: "s", address: .internet(host: host, port: port))
                    expectEqual(try bench.bind(fixed), .failure(ErrorNumber(EADDRINUSE)))
                    bench.host.unbind(socket)
                    // Each its own.
                    fixed.reusesPort = true
                    let shared = try (0..<3).map { _ in try bench.bind(fixed).get() }
                    expectEqual(shared.map { ListenSocketTests.port(of: $0) }, [port, port, port])
                    for socket in shared { bench.host.unbind(socket) }
                    fixed.reusesPort = false
                    fixed.kind = .datagram
                    let datagram = try bench.bind(fixed).get()
                    expectEqual(ListenSocketTests.option(datagram, SO_TYPE), Int32(SOCK_DGRAM.rawValue))
                    expectEqual(try bench.bind(fixed), .failure(ErrorNumber(EADDRINUSE)))
                    bench.host.unbind(datagram)
                }
                for host in ["localhost", "", "[::1]", "300.0.0.1"] {
                    expectEqual(
                        try bench.bind(
                            ListenSocket(name: "s", address: .internet(host: host, port: 0))),
                        .failure(ErrorNumber(EINVAL)))
                }
            }
        }
    }

    @Test func anAbstractNameIsNobodysFile() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let request = ListenSocket(name: "s", address: .abstract("supd-test-\(getpid())"))
                let socket = try bench.bind(request).get()
                expectEqual(readWholeFile("/proc/net/unix")?.contains("@supd-test-\(getpid())\n"), true)
                expectEqual(try bench.bind(request), .failure(ErrorNumber(EADDRINUSE)))
                bench.host.unbind(socket)
                bench.host.unbind(try bench.bind(request).get())
            }
        }
    }

    private static func port(of socket: BoundSocket) -> UInt16 {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(socket.descriptor, $0, &length)
            }
            // In both families the port is behind the family.
            return UnsafeRawPointer(pointer).load(fromByteOffset: 2, as: UInt16.self).bigEndian
        }
    }
}
