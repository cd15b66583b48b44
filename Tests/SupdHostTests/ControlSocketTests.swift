import CSupd
import Glibc
import SupdPlugin
import Synchronization
import Testing

@testable import SupdHost

@Suite struct ControlSocketTests {
    private static func refusal(_ result: Result<Channel, SocketClaimFailure>) -> String {
        if case .failure(.refused(let sentence)) = result { return sentence }
        return "not refused: \(result)"
    }

    private static func connect(_ path: String) -> Int32 { supd_connect_unix(path) }

    /// Fault 23: its mode is the same from the first moment on, whatever the daemon's mask, and that is as it was.
    @Test func everybodyMayConnectFromTheFirstMomentOn() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                umask(0o027)
                try withHost { bench in
                    let path = folder + "/new/control.sock"
                    let listener = try bench.host.claimControlSocket(path: path).get()
                    var status = stat()
                    expectEqual(lstat(path, &status), 0)
                    expectEqual(status.st_mode & 0o7777, 0o666)
                    expectEqual(stat(folder + "/new", &status), 0)
                    expectEqual(status.st_mode & 0o7777, 0o750)
                    expectEqual(umask(0o022), 0o027)
                    expectEqual(readWholeFile(path + ".lock"), "\(getpid())\n\(bench.host.invocationPrefix)\n")
                    bench.host.watch(listener, readable: true, writable: false)
                    let client = ControlSocketTests.connect(path)
                    #expect(client >= 0)
                    try bench.event("a connection") { $0 == .readable(listener) }
                    guard case .connection(let channel, let peer) = bench.host.accept(listener) else {
                        Issue.record("no connection")
                        return
                    }
                    var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
                    getgroups(Int32(groups.count), &groups)
                    expectEqual(Set(peer.groups), Set(groups))
                    expectEqual(
                        [peer.pid, Int32(peer.uid), Int32(peer.gid)], [getpid(), Int32(getuid()), Int32(getgid())])
                    expectEqual(bench.host.accept(listener), .none)
                    write(client, "hello", 5)
                    bench.host.watch(channel, readable: true, writable: true)
                    try bench.event("bytes") { $0 == .readable(channel) }
                    try bench.event("room") { $0 == .writable(channel) }
                    #expect(bench.readSome(channel) == .success(Array("hello".utf8)))
                    close(client)
                    try bench.event("the end") { $0 == .readable(channel) }
                    expectEqual(
                        withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) {
                            bench.host.read(channel, into: $0)
                        }, .end)
                    bench.host.releaseControlSocket(leavesNothing: false, by: MonotonicInstant(nanoseconds: .max))
                    expectEqual(lstat(path, &status), -1)
                    expectEqual(readWholeFile(path + ".lock"), "\(getpid())\n\(bench.host.invocationPrefix)\n")
                    bench.host.releaseControlSocket(leavesNothing: true, by: MonotonicInstant(nanoseconds: .max))
                    expectEqual(readWholeFile(path + ".lock"), "")
                }
            }
        }
    }

    @Test func ofTwoAtOnceExactlyOneServes() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                for _ in 0..<200 {
                    let race = Race()
                    for _ in 0..<2 {
                        onThread { race.claim(path) }
                    }
                    while race.finished.load(ordering: .acquiring) < 4 { sched_yield() }
                    expectEqual(race.claimed.load(ordering: .relaxed), 1)
                    expectEqual(race.refused.load(ordering: .relaxed), 1)
                }
            }
        }
    }

    /// Two who claim one socket at once.
    private final class Race: Sendable {
        let claimed = Atomic<Int>(0)
        let refused = Atomic<Int>(0)
        /// Two count each of the two: once they have tried, and once they have given up what they got.
        let finished = Atomic<Int>(0)

        func claim(_ path: String) {
            var claim: ControlSocketClaim?
            do throws(SocketClaimFailure) {
                claim = try ControlSocketClaim(path: path)
                claimed.add(1, ordering: .relaxed)
            } catch {
                if case .inUse = error { refused.add(1, ordering: .relaxed) }
            }
            finished.add(1, ordering: .acquiringAndReleasing)
            while finished.load(ordering: .acquiring) < 2 { sched_yield() }
            if let claim {
                claim.giveUp()
                close(claim.listener)
            }
            finished.add(1, ordering: .acquiringAndReleasing)
        }
    }

    /// Fault 22.
    @Test func aPathThatIsTooLongOrLeadsElsewhereIsRefusedWithASentence() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    func refusal(_ path: String) -> String {
                        ControlSocketTests.refusal(bench.host.claimControlSocket(path: path))
                    }
                    let name = String(repeating: "x", count: 108 - folder.utf8.count - 1)
                    #expect(refusal(folder + "/" + name).contains("has 108 bytes; a socket's path has at most 107"))
                    #expect(refusal("").contains("names no file"))
                    #expect(refusal(folder + "/").contains("names no file"))
                    symlink(folder, folder + "/link")
                    #expect(refusal(folder + "/link/s").contains("is a symbolic link"))
                    mkdir(folder + "/open", 0o777)
                    chmod(folder + "/open", 0o777)
                    #expect(refusal(folder + "/open/s").contains("may be written by everybody"))
                    chmod(folder + "/open", 0o1777)
                    _ = try bench.host.claimControlSocket(path: folder + "/open/s").get()
                    try writeFile(folder + "/file", "x")
                    #expect(refusal(folder + "/file").contains("is not a socket"))
                    expectEqual(readWholeFile(folder + "/file"), "x")
                    #expect(refusal(folder + "/file/s").contains("is not a folder"))
                    symlink(folder + "/file", folder + "/linked")
                    #expect(refusal(folder + "/linked").contains("is not a socket"))
                    symlink(folder + "/file", folder + "/locked.lock")
                    #expect(refusal(folder + "/locked").contains("is a symbolic link"))
                    expectEqual(readWholeFile(folder + "/file"), "x")
                    mkdir(folder + "/locked2.lock", 0o755)
                    #expect(
                        refusal(folder + "/locked2").contains("lock '\(folder)/locked2.lock' is a folder: remove it"))
                    close(supd_listen_unix(folder + "/locked3.lock", 1))
                    #expect(refusal(folder + "/locked3").contains("is a socket or a device: remove it"))
                    mkfifo(folder + "/locked4.lock", 0o600)
                    #expect(refusal(folder + "/locked4").contains("lock '\(folder)/locked4.lock' is a FIFO: remove it"))
                    if geteuid() == 0 {
                        try writeFile(folder + "/locked5.lock", "")
                        chown(folder + "/locked5.lock", 1234, 1234)
                        #expect(refusal(folder + "/locked5").contains("belongs to uid 1234, and must be root's"))
                        mkdir(folder + "/group", 0o775)
                        chown(folder + "/group", 0, 1234)
                        chmod(folder + "/group", 0o775)
                        #expect(refusal(folder + "/group/s").contains("may be written by everybody in group 1234"))
                        // Whoever owns what is above can put another in the place of the folder.
                        mkdir(folder + "/above", 0o755)
                        mkdir(folder + "/above/own", 0o755)
                        chown(folder + "/above", 1234, 1234)
                        #expect(
                            refusal(folder + "/above/own/s").contains(
                                "'\(folder)/above', above the control socket's folder '\(folder)/above/own', belongs to "
                                    + "uid 1234"))
                        mkdir(folder + "/theirs", 0o755)
                        chown(folder + "/theirs", 1234, 1234)
                        #expect(refusal(folder + "/theirs/s").contains("belongs to uid 1234"))
                    }
                    #expect(
                        refusal(folder + "/no/such/s").hasPrefix(
                            "mkdir of \(folder)/no/such: ENOENT (No such file or directory); its folder must be"))
                    #expect(refusal(folder + "/file/s/s").contains("ENOTDIR"))
                    // 107 bytes are not too many.
                    let longest = folder + "/" + name.dropLast()
                    expectEqual(longest.utf8.count, 107)
                    _ = try bench.host.claimControlSocket(path: longest).get()
                }
            }
        }
    }

    @Test func aSocketThatTheServiceManagerHandsOverWins() async {
        await #expect(processExitsWith: .success) {
            final class Link: ServiceManagerLink {
                var socket: Int32?
                var hasServiceManager: Bool { true }
                var hasJournal: Bool { false }
                func notify(_ state: String) -> Bool { state == "READY=1" }
                func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult { .wrote(1) }
                func takeDescriptor(named name: String) -> Int32? {
                    defer { socket = nil }
                    return name == "control" ? socket : nil
                }
            }
            try withTemporaryFolder { folder in
                let path = folder + "/given.sock"
                let link = Link()
                link.socket = supd_listen_unix(path, 1)
                let bench = try HostBench(serviceManager: link)
                let listener = try bench.host.claimControlSocket(path: "/none/such").get()
                let client = ControlSocketTests.connect(path)
                if case .connection = bench.host.accept(listener) {} else { Issue.record("no connection") }
                close(client)
                bench.host.releaseControlSocket(leavesNothing: true, by: MonotonicInstant(nanoseconds: .max))
                // Not made by the daemon, so not removed by it.
                var status = stat()
                expectEqual(lstat(path, &status), 0)
                #expect(bench.host.hasServiceManager)
                #expect(bench.host.notify("READY=1"))
            }
        }
    }

    @Test func whatIsHandedOverAsTheControlSocketMustBeOne() async {
        await #expect(processExitsWith: .success) {
            final class Link: ServiceManagerLink {
                var descriptors: [Int32] = []
                var hasServiceManager: Bool { false }
                var hasJournal: Bool { false }
                func notify(_ state: String) -> Bool { false }
                func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult { .wrote(1) }
                func takeDescriptor(named name: String) -> Int32? { descriptors.popLast() }
            }
            let link = Link()
            let bench = try HostBench(serviceManager: link)
            let name = "supd-test-\(getpid())"
            link.descriptors = [
                open("/dev/null", O_RDWR), supd_bind_internet("127.0.0.1", 0, 0, 1),
                supd_bind_abstract(name, name.utf8.count, Int32(SUPD_LISTEN_DATAGRAM.rawValue), 0),
                socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0),
            ]
            for descriptor in link.descriptors.reversed() {
                #expect(descriptor >= 0)
                guard case .failure(.refused(let why)) = bench.host.claimControlSocket(path: "/none/such") else {
                    Issue.record("it was taken")
                    return
                }
                #expect(why.contains("handed over something else as 'control'"), "\(why)")
                expectEqual(fcntl(descriptor, F_GETFD), -1)
            }
        }
    }

    /// The lock holds whoever made the socket, and so does the note.
    @Test func aSocketThatWasHandedOverHasALockAndANote() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/given.sock"
                let given = supd_listen_unix(path, 1)
                let claim = try ControlSocketClaim(handedOver: given, path: "/none/such")
                expectEqual(readWholeFile(path + ".lock"), "\(getpid())\n\(claim.record?.token ?? "")\n")
                do throws(SocketClaimFailure) {
                    _ = try ControlSocketClaim(handedOver: dup(given), path: "/none/such")
                    Issue.record("two hold one lock")
                } catch {
                    expectEqual(error, .inUse(pid: getpid()))
                }
                // As if it had been killed: the next one is told whose processes to look for.
                claim.giveUp()
                let next = try ControlSocketClaim(handedOver: given, path: "/none/such")
                expectEqual(next.unclean, claim.record)
                next.file?.remove()
                var status = stat()
                expectEqual(lstat(path, &status), 0)
            }
        }
    }

    /// Fault 21, where somebody has removed the lock's file: it is a new one then, and held by nobody.
    @Test func aSocketThatAnswersIsNotTakenOver() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                try withHost { bench in
                    _ = try bench.host.claimControlSocket(path: path).get()
                    unlink(path + ".lock")
                    let second = try LinuxHost()
                    expectEqual(second.claimControlSocket(path: path), .failure(.inUse(pid: getpid())))
                    // It touched nothing.
                    let client = ControlSocketTests.connect(path)
                    #expect(client >= 0)
                    close(client)
                }
            }
        }
    }

    @Test func whatIsRemovedComesBack() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/own/control.sock"
                try withHost { bench in
                    let first = try bench.host.claimControlSocket(path: path).get()
                    let token = bench.host.invocationPrefix
                    expectEqual(bench.host.mendControlSocket(), ControlSocketState())
                    unlink(path)
                    try bench.event("a removal") { $0 == .controlSocketDisturbed }
                    var state = bench.host.mendControlSocket()
                    expectEqual(state.restored, [path])
                    expectEqual(state.troubles, [])
                    let second = try #require(state.listener)
                    #expect(second != first)
                    let client = ControlSocketTests.connect(path)
                    if case .connection = bench.host.accept(second) {} else { Issue.record("no connection") }
                    close(client)
                    // The lock, then all of it, and again.
                    unlink(path + ".lock")
                    try bench.event("a removal") { $0 == .controlSocketDisturbed }
                    state = bench.host.mendControlSocket()
                    expectEqual(state.restored, [path + ".lock"])
                    expectEqual(readWholeFile(path + ".lock"), "\(getpid())\n\(token)\n")
                    let other = try LinuxHost()
                    expectEqual(other.claimControlSocket(path: path), .failure(.inUse(pid: getpid())))
                    for _ in 0..<2 {
                        rename(folder + "/own", folder + "/moved")
                        try bench.event("a move") { $0 == .controlSocketDisturbed }
                        state = bench.host.mendControlSocket()
                        expectEqual(Set(state.restored), [path, path + ".lock"])
                        expectEqual(state.troubles, [])
                        for name in ["control.sock", "control.sock.lock"] { unlink(folder + "/moved/" + name) }
                        rmdir(folder + "/moved")
                    }
                    // What is in order is left alone, and nothing more is told.
                    expectEqual(bench.host.mendControlSocket(), ControlSocketState())
                }
            }
        }
    }

    /// What another has put there is his.
    @Test func whatAnotherHasPutInItsPlaceStays() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                try withHost { bench in
                    _ = try bench.host.claimControlSocket(path: path).get()
                    unlink(path)
                    let another = supd_listen_unix(path, 1)
                    var state = bench.host.mendControlSocket()
                    expectEqual(state.troubles.count, 1)
                    #expect(state.troubles.first?.isGrave == true && state.troubles.first?.isLasting == false)
                    #expect(
                        state.troubles.first?.text.contains("another supd (pid \(getpid())) already serves") == true)
                    expectEqual(state.listener, nil)
                    close(another)
                    state = bench.host.mendControlSocket()
                    expectEqual(state.restored, [path])
                    expectEqual(state.troubles, [])
                }
            }
        }
    }

    /// Where the file system has no room for it, the note is kept as a link, and written once there is room.
    @Test func aNoteThatCannotBeWrittenIsKeptElsewhereAndTriedAgain() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/control.sock"
                func limitFiles(to size: UInt) {
                    var limit = rlimit()
                    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
                    getrlimit(resource, &limit)
                    limit.rlim_cur = size
                    setrlimit(resource, &limit)
                }
                try LinuxHost.blockSignals()
                limitFiles(to: 0)
                let claim = try ControlSocketClaim(path: path)
                expectEqual(claim.lock?.noteFailure, ErrorNumber(EFBIG))
                expectEqual(readWholeFile(path + ".lock"), "")
                // As if it had been killed.
                claim.giveUp()
                close(claim.listener)
                var next = try ControlSocketClaim(path: path)
                expectEqual(next.unclean, claim.record)
                expectEqual(next.record?.token, claim.record?.token)
                var state = next.mend()
                expectEqual(state.troubles.map(\.isGrave), [false])
                #expect(state.troubles.first?.text.contains("control.sock.lock: EFBIG (") == true)
                limitFiles(to: UInt.max)
                state = next.mend()
                expectEqual(state, ControlSocketState())
                expectEqual(readWholeFile(path + ".lock"), "\(getpid())\n\(next.record?.token ?? "")\n")
                var status = stat()
                expectEqual(lstat(path + ".lock.note", &status), -1)
                next.noteCleanEnd()
                next.giveUp()
                close(next.listener)
                let last = try ControlSocketClaim(path: path)
                expectEqual(last.unclean, nil)
            }
        }
    }

    /// Fault 3: a client can be told why it is refused, the loop does not spin, and the next is served once there is room.
    @Test func withoutDescriptorsAClientIsRefusedAndTheLoopStaysQuiet() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let path = folder + "/control.sock"
                    let listener = try bench.host.claimControlSocket(path: path).get()
                    bench.host.watch(listener, readable: true, writable: false)
                    let first = ControlSocketTests.connect(path)
                    let second = ControlSocketTests.connect(path)
                    var limit = rlimit()
                    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
                    getrlimit(resource, &limit)
                    let soft = limit.rlim_cur
                    limit.rlim_cur = 64
                    setrlimit(resource, &limit)
                    var filling: [Int32] = []
                    while case let next = dup(0), next >= 0 { filling.append(next) }
                    for client in [first, second] {
                        // What the daemon never reads is no reason to lose the answer.
                        write(client, "request", 7)
                        try bench.event("a connection") { $0 == .readable(listener) }
                        guard
                            case .connectionToRefuse(let channel, let peer, ErrorNumber(EMFILE)) =
                                bench.host.accept(listener)
                        else {
                            Issue.record("no connection to refuse")
                            return
                        }
                        expectEqual(peer.pid, getpid())
                        expectEqual(
                            "busy".utf8.withContiguousStorageIfAvailable {
                                bench.host.write(channel, UnsafeRawBufferPointer($0))
                            }, .wrote(4))
                        bench.host.close(channel)
                        var answer = [UInt8](repeating: 0, count: 8)
                        expectEqual(recv(client, &answer, 8, Int32(MSG_DONTWAIT)), 4)
                        close(client)
                        // What the client gave back is taken as well.
                        while case let next = dup(0), next >= 0 { filling.append(next) }
                    }
                    // Nobody waits: that is no shortage, and the spare one is still there.
                    expectEqual(bench.host.accept(listener), .none)
                    #expect(bench.host.spareDescriptor >= 0)
                    // And the spare one: nothing is left to refuse with.
                    let third = filling.removeLast()
                    close(third)
                    let waiting = ControlSocketTests.connect(path)
                    #expect(waiting >= 0)
                    closeDescriptor(bench.host.spareDescriptor)
                    bench.host.spareDescriptor = -1
                    filling.append(dup(0))
                    try bench.event("a connection") { $0 == .readable(listener) }
                    expectEqual(bench.host.accept(listener), .failed(ErrorNumber(EMFILE)))
                    let before = bench.host.now
                    try bench.event("the listener again") { $0 == .readable(listener) }
                    #expect(bench.host.now >= before.advanced(by: .milliseconds(90)), "it was told at once")
                    for descriptor in filling { close(descriptor) }
                    limit.rlim_cur = soft
                    setrlimit(resource, &limit)
                    if case .connection = bench.host.accept(listener) {} else { Issue.record("no connection") }
                    close(waiting)
                }
            }
        }
    }
}
